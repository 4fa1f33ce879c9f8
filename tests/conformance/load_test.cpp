// SPDX-License-Identifier: Apache-2.0
/// Loading models, and refusing what is none.
#include <algorithm>
#include <cstddef>
#include <string_view>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

std::string name_of(const Source& source) {
  return source.kind == XPURT_SOURCE_PATH ? source.content : "bytes";
}

void expect_tensors(const std::vector<Declared>& declared, const xpurt_tensor_info* const* infos,
                    uint32_t count) {
  ASSERT_EQ(count, declared.size());
  for (uint32_t i = 0; i < count; ++i) {
    const xpurt_tensor_info& info = *infos[i];
    SCOPED_TRACE(declared[i].name);
    EXPECT_GE(info.struct_size, sizeof(xpurt_tensor_info));
    EXPECT_EQ(info.name, declared[i].name);
    EXPECT_EQ(info.kind, XPURT_KIND_TENSOR);
    EXPECT_EQ(info.dtype, declared[i].dtype);
    ASSERT_EQ(info.rank, static_cast<int32_t>(declared[i].shape.size()));
    for (int32_t d = 0; d < info.rank; ++d) {
      EXPECT_EQ(info.shape[d], declared[i].shape[static_cast<size_t>(d)]) << "dimension " << d;
    }
  }
}

/// A load that must fail: nothing is made, and there are words.
void expect_refused(const Plugin& plugin, const Source& source, const LoadOptions& options,
                    xpurt_status code) {
  xpurt_model* model = nullptr;
  const Outcome outcome = plugin.try_load(source, options, &model);
  expect_failed(outcome, code);
  EXPECT_EQ(model, nullptr);
}

TEST_P(Conformance, SaysWhatAModelTakesAndGives) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    const xpurt_model_info& info = model.info();
    EXPECT_EQ(&model.info(), &info);
    EXPECT_GE(info.struct_size, sizeof(xpurt_model_info));
    expect_tensors(declared.inputs, info.inputs, info.input_count);
    expect_tensors(declared.outputs, info.outputs, info.output_count);
    EXPECT_EQ(info.device.type, XPURT_DEVICE_CPU);
    EXPECT_EQ(info.device.index, 0);
    EXPECT_GE(info.threads, 1);
  }
}

TEST_P(Conformance, LoadsBytesThatGoAfterwards) {
  XPURT_NEEDS(kBytes);
  // The suite's load frees the bytes before the first run.
  const Model model = plugin().load(basic().source.as_bytes());
  expect_right(model.context(), basic(), basic().examples.at(0));
}

TEST_P(Conformance, SaysThatAFileIsMissing) {
  expect_refused(
      plugin(),
      Source::path("no/such/folder/no_such_model." + std::string(plugin().info().formats[0])), {},
      XPURT_MODEL_NOT_FOUND);
}

TEST_P(Conformance, RefusesWhatIsNoModel) {
  ASSERT_FALSE(engine().malformed.empty());
  for (const auto& [what, source] : engine().malformed) {
    SCOPED_TRACE(what + " as " + name_of(source));
    expect_refused(plugin(), source, {}, XPURT_INVALID_ARGUMENT);
  }
}

TEST_P(Conformance, SaysWhatItDoesNotSupportInAModel) {
  if (engine().unsupported.empty()) GTEST_SKIP() << "no model is beyond it";
  for (const auto& [what, source] : engine().unsupported) {
    SCOPED_TRACE(what + " as " + name_of(source));
    expect_refused(plugin(), source, {}, XPURT_UNSUPPORTED_OPERATION);
  }
}

TEST_P(Conformance, RefusesAFileThatIsEmpty) {
  XPURT_NEEDS(kBytes);
  expect_refused(plugin(), Source::bytes(""), {}, XPURT_INVALID_ARGUMENT);
}

TEST_P(Conformance, RefusesOrSurvivesEveryTruncation) {
  XPURT_NEEDS(kBytes);
  const std::string whole = basic().source.as_bytes().content;
  for (size_t size = 1; size < whole.size(); size += 1 + whole.size() / 64) {
    SCOPED_TRACE(size);
    xpurt_model* made = nullptr;
    const Outcome outcome = plugin().try_load(Source::bytes(whole.substr(0, size)), {}, &made);
    // Some formats have prefixes that are models too: those must be whole enough to be asked.
    if (outcome.ok()) {
      Model(plugin().engine(), made).info();
    } else {
      EXPECT_EQ(made, nullptr);
      EXPECT_FALSE(outcome.text.empty());
    }
  }
}

TEST_P(Conformance, SaysThatADeviceIsNotThere) {
  const xpurt_engine_info& info = plugin().info();
  const auto is_there = [&](const xpurt_device& device) {
    return std::any_of(info.devices, info.devices + info.device_count, [&](const auto& known) {
      return known.type == device.type && known.index == device.index;
    });
  };
  for (const int32_t type :
       {XPURT_DEVICE_CPU, XPURT_DEVICE_CUDA, XPURT_DEVICE_INTEL_GPU, XPURT_DEVICE_INTEL_NPU}) {
    LoadOptions options;
    options.device = {type, 0};
    if (is_there(options.device)) options.device.index = 77;
    SCOPED_TRACE("device type " + std::to_string(type));
    expect_refused(plugin(), basic().source, options, XPURT_UNAVAILABLE);
  }
}

TEST_P(Conformance, TakesEveryOptionAtItsDefault) {
  LoadOptions options;
  for (const auto* const* at = plugin().info().options; at != nullptr && *at != nullptr; ++at) {
    const std::string name = (*at)->name;
    const std::string value = (*at)->default_value;
    if (!name.ends_with(".*") && !value.empty()) options.options.emplace_back(name, value);
  }
  const Model model = plugin().load(basic().source, options);
  expect_right(model.context(), basic(), basic().examples.at(0));
}

TEST_P(Conformance, RefusesWrongValuesOfOptions) {
  if (engine().wrong_options.empty()) GTEST_SKIP() << "it has no option whose value can be wrong";
  for (const auto& option : engine().wrong_options) {
    SCOPED_TRACE(option.first + "=" + option.second);
    LoadOptions options;
    options.options = {option};
    expect_refused(plugin(), basic().source, options, XPURT_INVALID_ARGUMENT);
  }
}

TEST_P(Conformance, UsesNoMoreThreadsThanItWasGiven) {
  const bool is_fixed = (plugin().info().traits & XPURT_TRAIT_PROCESS_THREADS) != 0;
  for (const int32_t threads : {1, 2}) {
    LoadOptions options;
    options.threads = threads;
    if (is_fixed && threads != LoadOptions().threads) {
      // The models of other tests fixed it at theirs.
      plugin().load(basic().source);
      expect_refused(plugin(), basic().source, options, XPURT_INVALID_STATE);
      continue;
    }
    const Model model = plugin().load(basic().source, options);
    EXPECT_GE(model.info().threads, 1);
    EXPECT_LE(model.info().threads, threads);
    expect_right(model.context(), basic(), basic().examples.at(0));
  }
}

struct Progress {
  int calls = 0;
  int cancel_at = 0;  ///< 0: never
  uint64_t done = 0;
  bool forwards = true;

  static int32_t report(void* user, const char* phase, uint64_t done, uint64_t total) {
    Progress& progress = *static_cast<Progress*>(user);
    ++progress.calls;
    progress.forwards = progress.forwards && phase != nullptr && *phase != '\0' &&
                        done >= progress.done && (total == 0 || done <= total);
    progress.done = done;
    return progress.calls == progress.cancel_at ? 1 : 0;
  }
  LoadOptions options() {
    LoadOptions options;
    options.progress = &report;
    options.progress_user = this;
    return options;
  }
};

TEST_P(Conformance, ReportsTheProgressOfALoad) {
  XPURT_NEEDS(kProgress);
  ASSERT_TRUE(engine().slow_load);
  Progress progress;
  plugin().load(*engine().slow_load, progress.options());
  EXPECT_GE(progress.calls, 2);
  EXPECT_TRUE(progress.forwards);
}

TEST_P(Conformance, StopsALoadThatIsCancelled) {
  XPURT_NEEDS(kProgress);
  ASSERT_TRUE(engine().slow_load);
  Progress progress;
  progress.cancel_at = 2;
  expect_refused(plugin(), *engine().slow_load, progress.options(), XPURT_CANCELLED);
  EXPECT_EQ(progress.calls, 2) << "it went on after it was cancelled";
}

TEST_P(Conformance, HoldsManyModelsAtOnce) {
  std::vector<Model> models;
  for (int round = 0; round < 4; ++round) {
    for (const TestModel& declared : engine().models) {
      models.push_back(plugin().load(declared.source));
    }
  }
  for (size_t i = 0; i < models.size(); ++i) {
    const TestModel& declared = engine().models[i % engine().models.size()];
    expect_right(models[i].context(), declared, declared.examples.at(0));
  }
}

TEST_P(Conformance, LoadsForAnOlderHost) {
  LoadOptions options;
  options.args_size = offsetof(xpurt_load_args, profiles);
  const Model model = plugin().load(basic().source, options);
  expect_right(model.context(), basic(), basic().examples.at(0));
}

TEST_P(Conformance, ShowsInnerValues) {
  XPURT_NEEDS(kInnerValues);
  ASSERT_TRUE(engine().inner_values);
  const InnerValues& inner = *engine().inner_values;
  LoadOptions options;
  options.extra_outputs = inner.names;
  const Model model = plugin().load(inner.model.source, options);
  ASSERT_EQ(model.outputs(), inner.model.outputs.size() + inner.names.size());
  for (size_t i = 0; i < inner.names.size(); ++i) {
    EXPECT_EQ(model.info().outputs[inner.model.outputs.size() + i]->name, inner.names[i]);
  }
  expect_right(model.context(), inner.model, inner.model.examples.at(0));
  options.extra_outputs = {"no such value"};
  expect_refused(plugin(), inner.model.source, options, XPURT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace xpuruntime::conformance
