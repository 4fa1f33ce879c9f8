/* SPDX-License-Identifier: Apache-2.0 */
/* Looks like an OpenVINO that is too old. */

struct version {
  const char* build_number;
  const char* description;
};

__attribute__((visibility("default"))) struct version get_openvino_version(void) {
  const struct version version = {"2023.1.2-345-releases", "OpenVINO Runtime"};
  return version;
}
