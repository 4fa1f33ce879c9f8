# SPDX-License-Identifier: Apache-2.0
# The libraries, their headers and the CMake package. Engines and programs install themselves. The
# component `runtime` is what running takes, and what a wheel holds.

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/xpuruntime")

install(
  TARGETS xpuruntime xpuruntime_toolkit_shared xpuruntime_headers
  EXPORT xpuruntimeTargets
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/xpuruntime"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT xpuruntimeTargets NAMESPACE xpuruntime:: DESTINATION "${package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/xpuruntimeConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/xpuruntimeConfig.cmake" INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may break its callers.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/xpuruntimeConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/xpuruntimeConfig.cmake"
              "${PROJECT_BINARY_DIR}/xpuruntimeConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/XpuruntimeEngine.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/engine.map"
        DESTINATION "${package_dir}")
