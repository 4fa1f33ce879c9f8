# SPDX-License-Identifier: Apache-2.0
# Finds C++ runtimes that come in Python packages.

# Sets <folder> to the package's folder and <version> to its version without what stands behind a '+';
# both are "" where it is not installed. A wheel is built with the packages of the Python that asks
# for it, and everything else with those of .venv.
function(xpuruntime_find_python_package package folder version)
  if(XPURT_WHEEL)
    execute_process(
      COMMAND
        "${XPURT_PYTHON}" -c
        "import importlib.util as u; s = u.find_spec('${package}'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  else()
    set(found "${XPURT_VENV_SITE_PACKAGES}/${package}")
  endif()
  set(${folder} "" PARENT_SCOPE)
  set(${version} "" PARENT_SCOPE)
  if(NOT EXISTS "${found}/version.py")
    return()
  endif()
  file(STRINGS "${found}/version.py" line REGEX "^__version__ *=" LIMIT_COUNT 1)
  if(line MATCHES "['\"]([0-9.]+)")
    set(${folder} "${found}" PARENT_SCOPE)
    set(${version} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endif()
endfunction()

# xpuruntime_add_library_of_engine(<name> LINK <target>...)
#
# The library libxpuruntime_<name>.so, made of library_plugin.cpp here, that the plug-in of the engine
# opens after the engine's runtime (see src/runtime_package). It has a plug-in's one symbol, and a name
# that the loader does not take for a plug-in's. The runtime is found by whom the door opened before,
# never by a path in here.
function(xpuruntime_add_library_of_engine name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  set(library xpuruntime_${name}_library)
  add_library(${library} MODULE library_plugin.cpp)
  target_link_libraries(${library} PRIVATE ${arg_LINK} xpuruntime_warnings)
  set_target_properties(
    ${library}
    PROPERTIES PREFIX lib
               SUFFIX .so
               OUTPUT_NAME xpuruntime_${name}
               SKIP_BUILD_RPATH ON
               INSTALL_RPATH ""
               LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/xpuruntime/engines")
  xpuruntime_export_only(${library} "${XPURUNTIME_ENGINE_MAP}")
  set_property(GLOBAL APPEND PROPERTY XPURUNTIME_ENGINE_TARGETS ${library})
  add_dependencies(xpuruntime_engine_${name} ${library})
  install(TARGETS ${library} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/xpuruntime/engines"
                                     COMPONENT runtime)
endfunction()

# xpuruntime_add_packaged_engine(<name> PACKAGE <folder> VERSION <version> LINK <target>...)
#
# An engine in two libraries. The plug-in, made of plugin.cpp here, is a door that knows nothing of the
# runtime: it opens the runtime's libraries, or says how to install them, and then the library above,
# which is linked to them and is the engine.
function(xpuruntime_add_packaged_engine name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PACKAGE;VERSION" "LINK")
  # What an error tells people to install is what the set-up pins.
  file(STRINGS "${PROJECT_SOURCE_DIR}/tools/requirements-torch.txt" requirement REGEX "^${name}==")
  xpuruntime_add_engine(${name} SOURCES plugin.cpp LINK ${CMAKE_DL_LIBS}
                        INCLUDE "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(
    xpuruntime_engine_${name} PRIVATE XPURT_RUNTIME_VERSION="${arg_VERSION}"
                                      XPURT_RUNTIME_REQUIREMENT="${requirement}")
  if(NOT XPURT_WHEEL)
    target_compile_definitions(xpuruntime_engine_${name}
                               PRIVATE XPURT_RUNTIME_PACKAGE_DIR="${arg_PACKAGE}")
  endif()
  xpuruntime_add_library_of_engine(${name} LINK ${arg_LINK})
endfunction()
