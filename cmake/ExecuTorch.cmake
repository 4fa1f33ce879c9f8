# SPDX-License-Identifier: Apache-2.0
# Target executorch::sdk: ExecuTorch's C++ runtime by the headers and libraries of its Python package.
# Kernels and backends register themselves when they are opened, which the engine does at run time, so
# nothing of them is linked. XPURT_EXECUTORCH_VERSION is what was found, "" for nothing.

include(XpuruntimePythonPackage)
xpuruntime_find_python_package(executorch XPURT_EXECUTORCH_PACKAGE XPURT_EXECUTORCH_VERSION)
if(XPURT_EXECUTORCH_VERSION)
  find_package(executorch QUIET CONFIG PATHS "${XPURT_EXECUTORCH_PACKAGE}/lib/cmake/executorch"
               NO_DEFAULT_PATH)
endif()
if(NOT XPURT_EXECUTORCH_VERSION OR NOT EXECUTORCH_FOUND)
  set(XPURT_EXECUTORCH_VERSION "")
  message(STATUS "engine executorch is not built: no executorch package with a C++ runtime was found "
                 "(an optional extra: run 'make setup-torch')")
  return()
endif()

add_library(executorch::sdk INTERFACE IMPORTED GLOBAL)
foreach(folder ${EXECUTORCH_INCLUDE_DIRS})
  cmake_path(NORMAL_PATH folder)
  target_include_directories(executorch::sdk SYSTEM INTERFACE "${folder}")
endforeach()
target_compile_definitions(executorch::sdk INTERFACE ${EXECUTORCH_COMPILE_DEFINITIONS})
target_link_libraries(
  executorch::sdk INTERFACE "${XPURT_EXECUTORCH_PACKAGE}/lib/libexecutorch.so"
                            "${XPURT_EXECUTORCH_PACKAGE}/lib/libexecutorch_threadpool.so")
target_compile_options(executorch::sdk
                       INTERFACE "-fmacro-prefix-map=${XPURT_EXECUTORCH_PACKAGE}/include/=")
