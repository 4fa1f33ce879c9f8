# SPDX-License-Identifier: Apache-2.0
# Target openvino::runtime: OpenVINO's C++ API, by the CMake package that its Python package holds.
# OpenVINO_DIR names another. XPURT_OPENVINO_LIBRARY_NAME is the library that was built with, by the
# name that carries its version; XPURT_OPENVINO_FOUND says whether there is one.

include(XpuruntimePythonPackage)

if(XPURT_WHEEL)
  execute_process(
    COMMAND "${XPURT_PYTHON}" -c
            "import importlib.util as u; s = u.find_spec('openvino'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE openvino_package OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
else()
  set(openvino_package "${XPURT_VENV_SITE_PACKAGES}/openvino")
endif()

find_package(OpenVINO QUIET CONFIG HINTS "${openvino_package}/cmake" COMPONENTS Runtime)
set(XPURT_OPENVINO_FOUND ${OpenVINO_FOUND})
if(NOT XPURT_OPENVINO_FOUND)
  message(WARNING "engine openvino is left out: OpenVINO's Python package was not found. Run "
                  "tools/setup, or set OpenVINO_DIR to a folder with OpenVINOConfig.cmake; "
                  "-DXPURT_ENGINE_OPENVINO=OFF leaves it out without a word.")
  return()
endif()
get_target_property(XPURT_OPENVINO_LIBRARY_NAME openvino::runtime IMPORTED_SONAME_RELEASE)
