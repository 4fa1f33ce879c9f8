# SPDX-License-Identifier: Apache-2.0
# Builds engines, here and in other projects (find_package(xpuruntime) includes this file).

set(XPURUNTIME_ENGINE_MAP "${CMAKE_CURRENT_LIST_DIR}/engine.map")

# Exports only the symbols that the version script names, and leaves none undefined.
function(xpuruntime_export_only target version_script)
  target_link_options(${target} PRIVATE "LINKER:--version-script=${version_script}")
  # A sanitizer's own symbols come from the program that loads the library.
  if(NOT XPURT_SANITIZE)
    target_link_options(${target} PRIVATE "LINKER:--no-undefined")
  endif()
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${version_script}")
endfunction()

# xpuruntime_add_engine(<name> [TEST_ONLY] SOURCES <file>... [LINK <target>...] [INCLUDE <dir>...])
#
# Makes the plug-in libxpuruntime_engine_<name>.so (target xpuruntime_engine_<name>), which sees the
# public headers alone and exports nothing but xpurt_plugin_query. It lands in
# lib/xpuruntime/engines of the build and of the install. TEST_ONLY: in tests/engines of the build,
# built with the tests, not installed.
function(xpuruntime_add_engine name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TEST_ONLY" "" "SOURCES;LINK;INCLUDE")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "xpuruntime_add_engine(${name}): SOURCES is needed; "
                        "not understood: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  set(target xpuruntime_engine_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${arg_INCLUDE})
  target_link_libraries(${target} PRIVATE xpuruntime::headers ${arg_LINK})
  if(TARGET xpuruntime_warnings)
    target_link_libraries(${target} PRIVATE xpuruntime_warnings)
  endif()
  set_target_properties(
    ${target}
    PROPERTIES PREFIX lib
               SUFFIX .so
               C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               INSTALL_RPATH "")
  xpuruntime_export_only(${target} "${XPURUNTIME_ENGINE_MAP}")
  if(arg_TEST_ONLY)
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON LIBRARY_OUTPUT_DIRECTORY
                                                                   "${PROJECT_BINARY_DIR}/tests/engines")
    add_dependencies(xpuruntime_tests ${target})
  else()
    # Their exports are checked; those of tests may be wrong on purpose.
    set_property(GLOBAL APPEND PROPERTY XPURUNTIME_ENGINE_TARGETS ${target})
    set_target_properties(
      ${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/xpuruntime/engines")
    include(GNUInstallDirs)
    install(TARGETS ${target} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/xpuruntime/engines"
                                      COMPONENT runtime)
  endif()
endfunction()
