# SPDX-License-Identifier: Apache-2.0
# Tests are outside of `all`, so that a build to use is a short one; xpuruntime_tests builds them.

find_package(GTest REQUIRED)
include(GoogleTest)
add_custom_target(xpuruntime_tests)

# xpuruntime_add_test(<name> SOURCES <file>... [LINK <target>...] [LABELS <label>]
#                     [ENVIRONMENT <NAME=value>] [PROCESS_EACH])
#
# One GoogleTest program, which is one ctest: many tests are shorter than the start of a process.
# With PROCESS_EACH its tests are a ctest each, where what they test happens once in a process. They
# find tests/data by the definition XPURT_TEST_DATA_DIR and TEST_ONLY engines by
# XPURT_TEST_ENGINE_DIR.
function(xpuruntime_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PROCESS_EACH" "LABELS;ENVIRONMENT" "SOURCES;LINK")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "xpuruntime_add_test(${name}): SOURCES is needed; "
                        "not understood: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_compile_definitions(
    ${name} PRIVATE XPURT_TEST_DATA_DIR="${PROJECT_SOURCE_DIR}/tests/data"
                    XPURT_TEST_ENGINE_DIR="${PROJECT_BINARY_DIR}/tests/engines")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${arg_LINK} xpuruntime_warnings GTest::gmock
                                        GTest::gtest_main)
  # What is tested is as shipped; the tests themselves compile twice as fast so.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_dependencies(xpuruntime_tests ${name})
  set(properties TIMEOUT 600)
  if(arg_LABELS)
    list(APPEND properties LABELS ${arg_LABELS})
  endif()
  if(arg_ENVIRONMENT)
    list(APPEND properties ENVIRONMENT "${arg_ENVIRONMENT}")
  endif()
  if(arg_PROCESS_EACH)
    # PRE_TEST: the programs are asked for their tests when ctest runs, not while they are built.
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         PROPERTIES ${properties})
  else()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  endif()
endfunction()
