// SPDX-License-Identifier: Apache-2.0
#include "compiled_blob.h"

#include <nlohmann/json.hpp>
#include <openvino/core/version.hpp>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {
namespace {

using engine::Failure;
using nlohmann::json;

constexpr const char* kMagic = "xpuruntime-openvino-1";

[[noreturn]] void refuse(const std::string& reason) {
  throw Failure(XPURT_INVALID_ARGUMENT, "the compiled model cannot be used: " + reason);
}

}  // namespace

std::string write_blob_header(const SavedNotes& saved, size_t blob_size) {
  // Names in a model need not be UTF-8; they come back with the bytes that are none replaced.
  std::string line = json{{"format", kMagic},
                          {"openvino", ov::get_openvino_version().buildNumber},
                          {"blob_size", blob_size},
                          {"outputs", saved.output_names},
                          {"opset", saved.notes.opset},
                          {"producer", saved.notes.producer},
                          {"metadata", saved.notes.metadata},
                          {"dim_names", saved.notes.dim_names},
                          {"stateful", saved.is_stateful}}
                         .dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr size_t kAlignment = 64;
  line.append((kAlignment - (line.size() + 1) % kAlignment) % kAlignment, ' ');
  return line + '\n';
}

SavedNotes read_blob_header(std::string_view& bytes) {
  const size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  const json header = json::parse(line, nullptr, false);
  if (end == bytes.npos || !header.is_object() || header.value("format", "") != kMagic) {
    refuse("it is none that this engine saved");
  }
  bytes.remove_prefix(end + 1);
  try {
    if (header.at("openvino") != ov::get_openvino_version().buildNumber) {
      throw Failure(XPURT_MODEL_MISMATCH, "the compiled model is of OpenVINO " +
                                              header.at("openvino").get<std::string>() +
                                              ", and this is OpenVINO " +
                                              ov::get_openvino_version().buildNumber);
    }
    if (const auto size = header.at("blob_size").get<size_t>(); size != bytes.size()) {
      refuse("expected " + std::to_string(size) + " bytes, got " + std::to_string(bytes.size()));
    }
    SavedNotes saved;
    header.at("outputs").get_to(saved.output_names);
    header.at("opset").get_to(saved.notes.opset);
    header.at("producer").get_to(saved.notes.producer);
    header.at("metadata").get_to(saved.notes.metadata);
    header.at("dim_names").get_to(saved.notes.dim_names);
    header.at("stateful").get_to(saved.is_stateful);
    return saved;
  } catch (const json::exception& error) {
    refuse(error.what());
  }
}

}  // namespace xpuruntime::openvino
