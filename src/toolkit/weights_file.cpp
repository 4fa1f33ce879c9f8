// SPDX-License-Identifier: Apache-2.0
#include "toolkit/weights_file.h"

#include <zip.h>

#include <memory>
#include <string>
#include <string_view>

#include "toolkit/file_extension.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

/// PyTorch writes archives of both kinds; that entry is in those of torch.jit.save alone.
bool is_torchscript(const fs::path& model) {
  constexpr std::string_view kConstants = "/constants.pkl";
  const std::unique_ptr<zip_t, decltype(&zip_discard)> archive(
      zip_open(model.c_str(), ZIP_RDONLY, nullptr), &zip_discard);
  if (!archive) return false;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    if (name != nullptr && std::string_view(name).ends_with(kConstants)) return true;
  }
  return false;
}

}  // namespace

bool holds_weights(const fs::path& model) {
  const std::string extension = extension_of(model);
  if (extension == ".npz" || extension == ".ckpt") return true;
  return (extension == ".pth" || extension == ".pt") && !is_torchscript(model);
}

}  // namespace xpuruntime::toolkit
