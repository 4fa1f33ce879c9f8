// SPDX-License-Identifier: Apache-2.0
/// What an engine's author declares for the conformance suite: models with examples, and a reason
/// for each thing that the engine does not do. The suite is linked with one file an engine, which
/// ends in XPURT_CONFORMANCE(name, function that declares it).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "conformance_host.h"

namespace xpuruntime::conformance {

/// One run: what goes in, and what must come out.
struct Example {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

/// What model_info must say of an input or output.
struct Declared {
  std::string name;
  int32_t dtype;
  std::vector<int64_t> shape;  ///< -1: dynamic
};

struct TestModel {
  std::string name;
  Source source;
  std::vector<Declared> inputs;
  std::vector<Declared> outputs;
  std::vector<Example> examples;
  double tolerance = 0;  ///< absolute and relative, of floating outputs
};

/// A model whose run ends only when it is cancelled, while `block(true)` was called last.
struct BlockingModel {
  TestModel model;
  std::function<void(bool)> block;
};

/// A model whose run fails, after its first output if the engine can do that.
struct FailingModel {
  TestModel model;
  xpurt_status code;
  std::string text;  ///< part of what the engine says
};

/// A model with inner values that can be shown as outputs; its examples have them at the end.
struct InnerValues {
  TestModel model;
  std::vector<std::string> names;
};

/// What an engine may lack: each with a reason, which the skipped test shows.
enum class Feature {
  kBytes,          ///< loading from bytes
  kEmptyDims,      ///< dimensions of size 0 (examples among `models`)
  kDataDependent,  ///< outputs whose shape depends on data (`data_dependent`)
  kReserve,        ///< writing outputs into the host's memory
  kGive,           ///< giving buffers of its own (in an example among `models`)
  kFailing,        ///< a run that fails (`failing`)
  kCancel,         ///< context_cancel (`blocking`)
  kDeadline,       ///< ending a run whose deadline has passed
  kStart,          ///< context_start
  kState,          ///< state from run to run, context_reset (`stateful`)
  kSave,           ///< model_save and loading what was saved
  kProgress,       ///< progress of a load (`slow_load`)
  kInnerValues,    ///< extra_outputs (`inner_values`)
  kStreams,        ///< a device table with streams
};

struct EngineUnderTest {
  std::string name;
  Plugin plugin;
  /// All that it runs right. The first is used where any will do: it has at least two examples,
  /// the first of them with inputs and outputs that are not empty.
  std::vector<TestModel> models;
  std::optional<TestModel> data_dependent = {};  ///< small, large, small outputs
  std::optional<BlockingModel> blocking = {};
  std::optional<FailingModel> failing = {};
  std::optional<TestModel> stateful = {};  ///< the examples are consecutive runs of one context
  std::optional<Source> slow_load = {};
  std::optional<InnerValues> inner_values = {};
  std::vector<std::pair<std::string, Source>> malformed = {};  ///< what each one is, and the bytes
  std::vector<std::pair<std::string, Source>> unsupported =
      {};  ///< well-formed, beyond this engine
  std::vector<std::pair<std::string, std::string>> wrong_options = {};  ///< known name, wrong value
  std::map<Feature, std::string> lacks = {};
};

/// The parameter of the suite.
struct UnderTest {
  const char* name;
  const EngineUnderTest& (*get)();
  friend std::ostream& operator<<(std::ostream& out, const UnderTest& test) {
    return out << test.name;
  }
};

class Conformance : public testing::TestWithParam<UnderTest> {
 protected:
  const EngineUnderTest& engine() const { return GetParam().get(); }
  const Plugin& plugin() const { return engine().plugin; }
  const TestModel& basic() const { return engine().models.at(0); }
  /// Null if the engine has the feature, else why not.
  const std::string* why_not(Feature feature) const {
    const auto found = engine().lacks.find(feature);
    return found == engine().lacks.end() ? nullptr : &found->second;
  }
};

/// That `outcome` is a failure as the seam wants it.
void expect_failed(const Outcome& outcome, xpurt_status code);
/// Runs an example and checks the numbers, the sink and the guards.
void expect_right(const Context& context, const TestModel& model, const Example& example,
                  const RunOptions& options = {});
/// Checks what a run that ended well left in `sink`.
void expect_outputs(const Sink& sink, const TestModel& model, const Example& example);

}  // namespace xpuruntime::conformance

/// Ends the test with the reason if the engine lacks the feature.
#define XPURT_NEEDS(feature) \
  if (const std::string* reason = why_not(Feature::feature)) GTEST_SKIP() << *reason

/// Runs the suite on the engine that `declare()` returns; once, when it is first needed.
#define XPURT_CONFORMANCE(engine_name, declare)                                                  \
  namespace xpuruntime::conformance {                                                            \
  namespace {                                                                                    \
  const ::xpuruntime::conformance::EngineUnderTest& engine_name##_under_test() {                 \
    static const auto* const engine = new ::xpuruntime::conformance::EngineUnderTest(declare()); \
    return *engine;                                                                              \
  }                                                                                              \
  }                                                                                              \
  INSTANTIATE_TEST_SUITE_P(engine_name, Conformance,                                             \
                           ::testing::Values(::xpuruntime::conformance::UnderTest{               \
                               #engine_name, &engine_name##_under_test}));                       \
  }                                                                                              \
  static_assert(true)
