// SPDX-License-Identifier: Apache-2.0
/// Models and engines that comparisons are tested with.
#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "onnx/schema.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit::testing {

/// Plug-ins by their paths, so that "all" does not find them.
inline const std::string kFake = XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_fake.so";
inline const std::string kWrong = XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_wrong.so";
inline const std::string kWrongFused = XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_wrong_fused.so";
inline const std::filesystem::path kDigits = XPURT_TEST_DATA_DIR "/digits.onnx";

using Models = std::vector<std::filesystem::path>;

/// Few runs, since nothing here is about time.
inline CompareOptions few(std::vector<std::string> engines) {
  return {.engines = std::move(engines), .warm_up = 1, .iterations = 3};
}

/// The digit classifier with another value for an element of a weight.
inline std::filesystem::path digits_with_wrong_weight(const TemporaryFolder& folder,
                                                      const std::string& weight, size_t element,
                                                      float value) {
  ::onnx::ModelProto model;
  onnx::parse_message(model, kDigits, "ModelProto");
  auto& weights = *model.mutable_graph()->mutable_initializer();
  const auto found = std::find_if(weights.begin(), weights.end(),
                                  [&](auto& each) { return each.name() == weight; });
  if (found == weights.end()) throw std::runtime_error("no weight " + weight);
  std::string& bytes = *found->mutable_raw_data();
  std::memcpy(&bytes.at(element * sizeof value), &value, sizeof value);
  return folder.write("wrong.onnx", model.SerializeAsString());
}

/// A program of the fake engine.
inline std::filesystem::path fake_model(const TemporaryFolder& folder, const std::string& name,
                                        const std::string& program) {
  return folder.write(name + ".fake", "fake\n" + program + "\nend\n");
}

inline const Candidate& candidate(const CompareReport& report, const std::string& name) {
  const auto found = std::ranges::find(report.candidates, name, &Candidate::name);
  if (found == report.candidates.end()) throw std::runtime_error("no candidate " + name);
  return *found;
}

}  // namespace xpuruntime::toolkit::testing
