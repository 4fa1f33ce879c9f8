# SPDX-License-Identifier: Apache-2.0
# Target onnxruntime::headers: ONNX Runtime's C API as headers. The library itself is opened at run
# time; XPURT_ONNXRUNTIME_WHEEL_DIR is where the set-up's wheel keeps it, which a wheel of ours must
# not know.

find_path(
  XPURT_ONNXRUNTIME_INCLUDE_DIR onnxruntime_c_api.h
  HINTS ENV XPURT_ONNXRUNTIME_INCLUDE_DIR
  PATHS "${PROJECT_SOURCE_DIR}/build/onnxruntime-headers"
  PATH_SUFFIXES onnxruntime onnxruntime/core/session
  DOC "Folder with onnxruntime_c_api.h")
if(NOT EXISTS "${XPURT_ONNXRUNTIME_INCLUDE_DIR}/onnxruntime_c_api.h")
  message(
    FATAL_ERROR
      "ONNX Runtime's headers were not found. Run tools/setup, or set XPURT_ONNXRUNTIME_INCLUDE_DIR "
      "to a folder with onnxruntime_c_api.h, or build without this engine: "
      "-DXPURT_ENGINE_ONNXRT=OFF (with pip: -C cmake.define.XPURT_ENGINE_ONNXRT=OFF).")
endif()

add_library(onnxruntime::headers INTERFACE IMPORTED GLOBAL)
target_include_directories(onnxruntime::headers INTERFACE "${XPURT_ONNXRUNTIME_INCLUDE_DIR}")
if(NOT XPURT_WHEEL)
  target_compile_definitions(
    onnxruntime::headers
    INTERFACE XPURT_ONNXRUNTIME_WHEEL_DIR="${XPURT_VENV_SITE_PACKAGES}/onnxruntime/capi")
endif()
