# SPDX-License-Identifier: Apache-2.0
# The conformance suite as libraries, here and in projects of other engines, which link one file of
# their own (see engine_under_test.h) with xpuruntime_conformance and GTest::gtest_main.

find_package(GTest REQUIRED)
find_package(Threads REQUIRED)
set(suite "${CMAKE_CURRENT_LIST_DIR}")

add_library(
  xpuruntime_conformance_host STATIC EXCLUDE_FROM_ALL
  "${suite}/conformance_host.cpp" "${suite}/sink.cpp" "${suite}/tensor.cpp")
target_include_directories(xpuruntime_conformance_host PUBLIC "${suite}")
target_link_libraries(xpuruntime_conformance_host PUBLIC xpuruntime::headers Threads::Threads
                                                         ${CMAKE_DL_LIBS})

# Objects, since a linker would drop tests that nothing refers to.
add_library(
  xpuruntime_conformance OBJECT EXCLUDE_FROM_ALL
  "${suite}/concurrency_test.cpp"
  "${suite}/engine_under_test.cpp"
  "${suite}/load_test.cpp"
  "${suite}/optional_test.cpp"
  "${suite}/output_test.cpp"
  "${suite}/run_test.cpp"
  "${suite}/tables_test.cpp")
target_link_libraries(xpuruntime_conformance PUBLIC xpuruntime_conformance_host GTest::gtest)

target_compile_options(xpuruntime_conformance_host PRIVATE $<$<CONFIG:Release>:-O1>)
target_compile_options(xpuruntime_conformance PRIVATE $<$<CONFIG:Release>:-O1>)

if(TARGET xpuruntime_warnings)
  target_link_libraries(xpuruntime_conformance_host PRIVATE xpuruntime_warnings)
  target_link_libraries(xpuruntime_conformance PRIVATE xpuruntime_warnings)
endif()
