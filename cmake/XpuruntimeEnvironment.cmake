# SPDX-License-Identifier: Apache-2.0
# What tools/setup put into .venv: found once here, used by name everywhere else. A wheel is built by
# the Python that asks for it, and with its packages.

if(XPURT_WHEEL)
  set(XPURT_PYTHON "${Python_EXECUTABLE}")
  execute_process(
    COMMAND "${XPURT_PYTHON}" -c
            "import importlib.util as u; print(u.find_spec('onnx').submodule_search_locations[0])"
    OUTPUT_VARIABLE onnx_package OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  cmake_path(GET onnx_package PARENT_PATH XPURT_ONNX_PROTO_DIR)
  return()
endif()

find_program(XPURT_PYTHON python3 HINTS "${PROJECT_SOURCE_DIR}/.venv/bin"
             DOC "Python that runs our scripts" REQUIRED)

if(NOT XPURT_VENV_SITE_PACKAGES)
  file(GLOB found "${PROJECT_SOURCE_DIR}/.venv/lib/python3.*/site-packages")
  list(SORT found COMPARE NATURAL)
  list(POP_BACK found newest)
  set(XPURT_VENV_SITE_PACKAGES "${newest}"
      CACHE PATH "Folder of the Python packages that tools/setup installed" FORCE)
endif()

find_path(XPURT_ONNX_PROTO_DIR onnx/onnx-ml.proto HINTS "${XPURT_VENV_SITE_PACKAGES}"
          DOC "Folder with onnx/onnx-ml.proto, as the onnx wheel has it")
if(NOT XPURT_ONNX_PROTO_DIR)
  message(FATAL_ERROR "onnx/onnx-ml.proto was not found. Run tools/setup, or set "
                      "XPURT_ONNX_PROTO_DIR to the folder above it.")
endif()
