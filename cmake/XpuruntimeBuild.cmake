# SPDX-License-Identifier: Apache-2.0
# How every target of ours is compiled and where it lands.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# The build tree has the shape of the install tree, so the loader finds engines in both alike.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM)
  # Unity files lie in the build tree; named from there, a wheel's are those of build/.
  set(launcher env "CCACHE_BASEDIR=${PROJECT_BINARY_DIR}" "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}" CACHE STRING "")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}" CACHE STRING "")
endif()

# No path of the machine that builds is in what it builds.
add_compile_options("-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")

# Linked PRIVATE by our own targets alone: other people's headers are not our business.
add_library(xpuruntime_warnings INTERFACE)
# -Wrestrict of g++ 12 is wrong about std::string at -O3 (GCC bug 105651).
target_compile_options(
  xpuruntime_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
                                $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                                $<$<BOOL:${XPURT_WERROR}>:-Werror>)

if(XPURT_SANITIZE)
  add_compile_options(-fsanitize=${XPURT_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND XPURT_SANITIZE MATCHES "address")
    # g++ guards each location that ubsan may report, half a million of them in the core: 30 MB that
    # every process relocates as it starts. Overflows of our few global tables go unseen for it.
    add_compile_options(--param=asan-globals=0)
  endif()
  add_link_options(-fsanitize=${XPURT_SANITIZE})
endif()
