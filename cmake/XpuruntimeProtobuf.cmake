# SPDX-License-Identifier: Apache-2.0
# xpuruntime_add_messages(<target> <folder> <file.proto>): a static library of a schema's own classes, compiled without our warnings. The lite
# runtime keeps no process-wide registry, so several copies of a schema, in plug-ins and programs, live in one process.
function(xpuruntime_add_messages target folder proto)
  find_package(Protobuf REQUIRED)
  set(generated_dir "${CMAKE_CURRENT_BINARY_DIR}/generated")
  string(REGEX REPLACE "\\.proto$" ".pb" generated "${generated_dir}/${proto}")
  file(MAKE_DIRECTORY "${generated_dir}")
  add_custom_command(
    OUTPUT "${generated}.cc" "${generated}.h"
    COMMAND protobuf::protoc "--proto_path=${folder}" "--cpp_out=lite:${generated_dir}" "${proto}"
    DEPENDS "${folder}/${proto}"
    COMMENT "Generating C++ of ${proto}"
    VERBATIM)
  add_library(${target} STATIC "${generated}.cc" "${generated}.h")
  target_include_directories(${target} SYSTEM PUBLIC "${generated_dir}")
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf-lite)
endfunction()
