// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/inference_service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/engine/export.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

std::atomic<int> live_models = 0;
/// Called by every run with what its model adds; for tests that hold runs.
std::function<void(float)> on_run;

class AddContext : public engine::Context {
 public:
  explicit AddContext(float added) : added_(added) {}
  void run(const engine::RunArgs& args) override {
    if (on_run) on_run(added_);
    if (added_ < 0) throw engine::Failure(XPURT_ENGINE, "this model fails");
    const xpurt_value& x = args.input(0);
    auto* to = static_cast<float*>(args.reserve(0, x.byte_size));
    const auto* from = static_cast<const float*>(x.data);
    for (size_t i = 0; i < x.byte_size / sizeof(float); ++i) to[i] = from[i] + added_;
    args.commit(0, XPURT_FLOAT, {x.shape, static_cast<size_t>(x.rank)}, to, x.byte_size);
  }

 private:
  const float added_;
};

class AddModel : public engine::Model {
 public:
  AddModel(float added, size_t inputs) : added_(added) {
    ++live_models;
    for (size_t i = 0; i < inputs; ++i) spec_.inputs.push_back(picture("x" + std::to_string(i)));
    spec_.outputs = {picture("y")};
    spec_.device = {XPURT_DEVICE_CPU, 0};
  }
  ~AddModel() override { --live_models; }
  const engine::ModelSpec& spec() const override { return spec_; }
  std::unique_ptr<engine::Context> create_context() override {
    return std::make_unique<AddContext>(added_);
  }

 private:
  static engine::TensorSpec picture(std::string name) {
    engine::TensorSpec spec;
    spec.name = std::move(name);
    spec.dtype = XPURT_FLOAT;
    spec.shape = {1, 3, -1, -1};
    return spec;
  }

  const float added_;
  engine::ModelSpec spec_;
};

/// Models are text files with what they add to each pixel, and the number of their inputs.
class AddEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "add";

  const engine::EngineSpec& spec() override { return spec_; }
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override {
    std::ifstream file(args.path());
    float added = 0;
    size_t inputs = 1;
    if (!(file >> added)) throw engine::Failure(XPURT_INVALID_ARGUMENT, "no number in the model");
    file >> inputs;
    return std::make_unique<AddModel>(added, inputs == 0 ? 1 : inputs);
  }

 private:
  const engine::EngineSpec spec_{.name = kName,
                                 .version = "1.0",
                                 .adapter_version = "1.0",
                                 .input_alignment = alignof(float),
                                 .formats = {"add"},
                                 .devices = {{XPURT_DEVICE_CPU, 0}}};
};

struct InferenceServiceTest : ::testing::Test {
  static void SetUpTestSuite() {
    EngineRegistry::instance().register_engine(AddEngine::kName, engine::plugin<AddEngine>());
  }
  void TearDown() override {
    on_run = nullptr;
    EXPECT_EQ(live_models, 0) << "every model is gone with its service";
  }

  static ServiceConfig config() {
    return {.session = {.engine = AddEngine::kName}, .preprocessing = Preprocessing{.scale = 1}};
  }
  std::filesystem::path model(int added) const {
    return folder.write(std::to_string(added) + ".add", std::to_string(added) + " 1");
  }
  InferenceService open(int added) const { return InferenceService::open(model(added), config()); }

  const TemporaryFolder folder;
  const Tensor image = Tensor::from<uint8_t>({10, 20, 30, 40, 50, 60}, {1, 2, 3});
};

int first_pixel(const Tensor& image) { return image.values<uint8_t>()[0]; }

TEST_F(InferenceServiceTest, TakesAPictureAndGivesOne) {
  InferenceService service(model(5), config());
  EXPECT_FALSE(service.available());
  EXPECT_EQ(service.type(), ServiceType::kNative);
  EXPECT_ERROR(service.predict_image(image), InvalidStateError, "call load()");
  EXPECT_ERROR(service.info(), InvalidStateError, "call load()");
  EXPECT_EQ(service.statistics().engine, "");
  service.load();
  service.load();
  EXPECT_EQ(live_models, 1) << "loaded once";
  EXPECT_TRUE(service.available());
  const Tensor made = service.predict_image(image);
  EXPECT_EQ(to_string(made), "uint8[1,2,3] on cpu");
  EXPECT_EQ(made.values<uint8_t>()[5], 65);
  EXPECT_EQ(service.info().session.engine, "add");
  EXPECT_EQ(service.info().model.inputs.size(), 1U);
  EXPECT_EQ(service.info().preprocessing.scale, 1);
  service.close();
  EXPECT_FALSE(service.available());
  EXPECT_ERROR(service.predict_image(image), InvalidStateError, "call load()");
  service.load();
  EXPECT_EQ(first_pixel(service.predict_image(image)), 15);
}

TEST_F(InferenceServiceTest, CountsWhatItDid) {
  InferenceService service = open(5);
  service.predict_image(image);
  service.predict_image(image);
  EXPECT_THROW(service.predict_image(Tensor()), InvalidArgumentError);
  const ServiceStatistics told = service.statistics();
  EXPECT_EQ(told.inferences, 2U);
  EXPECT_EQ(told.failures, 1U);
  EXPECT_GT(told.last.count(), 0);
  EXPECT_EQ(told.average, told.total / 2);
  EXPECT_LE(told.last, told.total);
  EXPECT_EQ(told.open_sessions, 1U);
  EXPECT_EQ(told.switches, 0U);
  EXPECT_EQ(told.engine, "add");
  EXPECT_EQ(told.engine_version, "1.0");
  EXPECT_EQ(told.device, Device());
}

TEST_F(InferenceServiceTest, TheFactoryGoesByTypeOrByFile) {
  const auto type = [](const char* model, const SessionConfig& session = {}) {
    return to_string(service_type_of(model, session));
  };
  EXPECT_STREQ(type("m.onnx"), "native");
  EXPECT_EQ(service_type("python"), ServiceType::kPython);
  EXPECT_ERROR(service_type("java"), InvalidArgumentError, "'java'");
  EXPECT_STREQ(type("m.pt"), "native");
  EXPECT_STREQ(type("m.pth"), "python");
  EXPECT_STREQ(type("m.npz"), "python");
  EXPECT_STREQ(type("nets:predict"), "python");
  EXPECT_STREQ(type("m.pt", {.model_factory = "nets:small"}), "python");
  EXPECT_STREQ(type("m.onnx", {.engine = "python"}), "python");
  EXPECT_STREQ(type("m.pth", {.engine = "torch"}), "native");
  EXPECT_EQ(InferenceService::open(model(1), config(), ServiceType::kNative).type(),
            ServiceType::kNative);
  EXPECT_ERROR(InferenceService::open(model(1), config(), ServiceType::kPython),
               InvalidArgumentError, "expected type python");
  EXPECT_ERROR(InferenceService::open("m.pth", {}, ServiceType::kNative), InvalidArgumentError,
               "expected type native");
}

TEST_F(InferenceServiceTest, WhatFailedToLoadIsDisposedOf) {
  EXPECT_ERROR(InferenceService::open(folder.write("bad.add", "x"), config()), InvalidArgumentError,
               "no number");
  EXPECT_EQ(live_models, 0);
  EXPECT_ERROR(InferenceService::open(folder.write("two.add", "1 2"), config()),
               InvalidArgumentError, "one input");
  EXPECT_EQ(live_models, 0) << "it was loaded before that was seen";
  EXPECT_THROW(InferenceService::open(folder / "none.add", config()), ModelNotFoundError);
}

TEST_F(InferenceServiceTest, AModelThatFailsToLoadDoesNotTakeOver) {
  InferenceService service = open(1);
  EXPECT_THROW(service.switch_to(folder.write("bad.add", "x"), config()), InvalidArgumentError);
  EXPECT_EQ(first_pixel(service.predict_image(image)), 11);
  EXPECT_EQ(service.statistics().switches, 0U);
  EXPECT_EQ(service.statistics().open_sessions, 1U);
}

TEST_F(InferenceServiceTest, ARunThatFailsIsCountedAndPassedOn) {
  InferenceService service = open(-1);
  EXPECT_ERROR(service.predict_image(image), EngineError, "this model fails");
  EXPECT_EQ(service.statistics().failures, 1U);
  service.switch_to(model(2), config());
  EXPECT_EQ(first_pixel(service.predict_image(image)), 12);
}

TEST_F(InferenceServiceTest, ARequestInFlightFinishesOnTheOldSession) {
  InferenceService service = open(1);
  std::latch began(1), go_on(1);
  on_run = [&](float added) {
    if (added != 1) return;
    began.count_down();
    go_on.wait();
  };
  int answer = 0;
  std::thread caller([&] { answer = first_pixel(service.predict_image(image)); });
  began.wait();
  service.switch_to(model(2), config());
  EXPECT_EQ(first_pixel(service.predict_image(image)), 12) << "new requests do not wait for it";
  EXPECT_EQ(service.statistics().open_sessions, 2U);
  EXPECT_EQ(live_models, 2);
  go_on.count_down();
  caller.join();
  EXPECT_EQ(answer, 11);
  EXPECT_EQ(service.statistics().open_sessions, 1U);
  EXPECT_EQ(live_models, 1) << "the old session is closed";
}

TEST_F(InferenceServiceTest, NoneOfManyRequestsIsLostWhileModelsAreSwitched) {
  constexpr int kCallers = 4, kSwitches = 10, kAtLeast = 50;
  InferenceService service = open(0);
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> answered = 0, wrong = 0;
  std::latch warm(kCallers);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      for (int done = 0; done < kAtLeast || !stop; ++done) {
        const int added = first_pixel(service.predict_image(image)) - 10;
        wrong += added < 0 || added > kSwitches;
        ++answered;
        if (done == 0) warm.count_down();
      }
    });
  }
  warm.wait();
  for (int i = 1; i <= kSwitches; ++i) service.switch_to(model(i), config());
  EXPECT_EQ(first_pixel(service.predict_image(image)), 10 + kSwitches);
  stop = true;
  for (std::thread& caller : callers) caller.join();
  const ServiceStatistics told = service.statistics();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(told.inferences, answered + 1);
  EXPECT_EQ(told.failures, 0U);
  EXPECT_EQ(told.switches, static_cast<uint64_t>(kSwitches));
  EXPECT_EQ(told.open_sessions, 1U);
  EXPECT_EQ(live_models, 1) << "all old sessions are closed";
}

TEST_F(InferenceServiceTest, GoesByTheNotesBesideTheModel) {
  folder.write("3_info.json", R"({"preprocessing": {"scale": 1, "resize": [4, 5]}})");
  const auto service = InferenceService::open(model(3), {.session = {.engine = AddEngine::kName}});
  EXPECT_EQ(service.predict_image(image).shape(), (Shape{4, 5, 3}));
  folder.write("4_info.json", R"({"preprocessing": {"scale": "x"}})");
  EXPECT_ERROR(InferenceService::open(model(4), {.session = {.engine = AddEngine::kName}}),
               InvalidArgumentError, "4_info.json");
}

}  // namespace
}  // namespace xpuruntime::toolkit
