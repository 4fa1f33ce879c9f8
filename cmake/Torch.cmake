# SPDX-License-Identifier: Apache-2.0
# Target torch::cpu: PyTorch's C++ API by the headers and libraries of its Python package, without the
# CMake package inside, which asks for CUDA's compiler. XPURT_TORCH_VERSION is what was found, "" for
# nothing.

include(XpuruntimePythonPackage)
xpuruntime_find_python_package(torch XPURT_TORCH_PACKAGE XPURT_TORCH_VERSION)
if(NOT EXISTS "${XPURT_TORCH_PACKAGE}/lib/libtorch_cpu.so"
   OR NOT EXISTS "${XPURT_TORCH_PACKAGE}/include/ATen/core/Tensor.h")
  set(XPURT_TORCH_VERSION "")
  message(STATUS "engine torch is not built: no torch package was found (an optional extra: "
                 "run 'make setup-torch')")
  return()
endif()

add_library(torch::cpu INTERFACE IMPORTED GLOBAL)
target_include_directories(torch::cpu SYSTEM INTERFACE "${XPURT_TORCH_PACKAGE}/include")
# Not libtorch.so, which is empty and brings all of CUDA.
target_link_libraries(torch::cpu INTERFACE "${XPURT_TORCH_PACKAGE}/lib/libtorch_cpu.so"
                                           "${XPURT_TORCH_PACKAGE}/lib/libc10.so")
# Its headers put their own place into messages.
target_compile_options(torch::cpu INTERFACE "-fmacro-prefix-map=${XPURT_TORCH_PACKAGE}/include/=")
