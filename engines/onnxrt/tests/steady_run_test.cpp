// SPDX-License-Identifier: Apache-2.0
/// That a run in which nothing changed allocates nothing here: as often as ONNX Runtime alone.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

#include "handle.h"
#include "model.h"
#include "support.h"

namespace {

std::atomic<int64_t> allocations = 0;

void* counted(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return counted(size); }
void* operator new[](size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace xpuruntime::onnxrt {
namespace {

/// A sink with one output in one of two places, and an input; made before anything is counted.
struct Call {
  Call() {
    sink = {
        sizeof(xpurt_sink),
        this,
        [](void*, uint32_t, const xpurt_value** bound, uint64_t* capacity) -> xpurt_status {
          *bound = nullptr;
          *capacity = 0;
          return XPURT_OK;
        },
        [](void* self, uint32_t, uint64_t, uint64_t, xpurt_device, xpurt_stream*, void** data,
           xpurt_error*) -> xpurt_status {
          auto& call = *static_cast<Call*>(self);
          *data = call.memory[call.turn % call.places].data();
          return XPURT_OK;
        },
        [](void*, uint32_t, const xpurt_value*, xpurt_error*) -> xpurt_status { return XPURT_OK; },
        nullptr};
    value = engine::RunArgs::tensor(XPURT_FLOAT, shape, x.data(), sizeof(x));
    args.struct_size = sizeof(args);
    args.inputs = inputs.data();
    args.input_count = 1;
    args.output_count = 1;
    args.sink = &sink;
  }
  int64_t allocations_of(engine::Context& context) {
    ++turn;
    ++args.run_id;
    const int64_t before = allocations;
    context.run(engine::RunArgs(args, nullptr));
    return allocations - before;
  }

  std::array<int64_t, 2> shape{1, 16};
  std::array<float, 16> x{};
  std::array<std::array<float, 4>, 2> memory{};
  size_t places = 1;
  size_t turn = 0;
  xpurt_value value{};
  std::array<const xpurt_value*, 1> inputs{&value};
  xpurt_sink sink{};
  xpurt_run_args args{};
};

/// What ONNX Runtime allocates in a bound run of the same session.
int64_t own_allocations(OrtSession* session, Call& call) {
  const auto memory = make<MemoryInfo>([](OrtMemoryInfo** out) {
    return ort().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, out);
  });
  const auto view = [&](void* data, size_t bytes, std::array<int64_t, 2> shape) {
    return make<Value>([&](OrtValue** out) {
      return ort().CreateTensorWithDataAsOrtValue(memory.get(), data, bytes, shape.data(), 2,
                                                  ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, out);
    });
  };
  const auto binding =
      make<IoBinding>([&](OrtIoBinding** out) { return ort().CreateIoBinding(session, out); });
  const auto options =
      make<RunOptions>([](OrtRunOptions** out) { return ort().CreateRunOptions(out); });
  check(ort().BindInput(binding.get(), "x", view(call.x.data(), 64, {1, 16}).get()));
  check(ort().BindOutput(binding.get(), "y", view(call.memory[0].data(), 16, {1, 4}).get()));
  int64_t counted = 0;
  for (int run = 0; run < 10; ++run) {
    const int64_t before = allocations;
    check(ort().RunWithBinding(session, options.get(), binding.get()));
    counted = allocations - before;
  }
  return counted;
}

struct SteadyRunTest : testing::Test {
  SteadyRunTest() {
    const Source source = shared_model("mlp");
    xpurt_load_args args{};
    args.struct_size = sizeof(args);
    args.path = source.content.c_str();
    args.threads = 1;
    engine::host = conformance::host();
    model = OnnxEngine().load(engine::LoadArgs(args));
    context = model->create_context();
    own = own_allocations(static_cast<OnnxModel&>(*model).session(), call);
    for (int run = 0; run < 10; ++run) call.allocations_of(*context);
  }
  std::unique_ptr<engine::Model> model;
  std::unique_ptr<engine::Context> context;
  Call call;
  int64_t own = 0;
};

TEST_F(SteadyRunTest, AllocatesAsOftenAsOnnxRuntimeAlone) {
  ASSERT_GT(own, 0);  // or nothing was counted
  for (int run = 0; run < 100; ++run) EXPECT_EQ(call.allocations_of(*context), own);
}

TEST_F(SteadyRunTest, BindsAgainWithoutMakingValuesWhenOutputsAlternate) {
  call.places = 2;
  const int64_t first = call.allocations_of(*context) + call.allocations_of(*context);
  EXPECT_GT(first, 2 * own);  // a value was made
  int64_t most = 0;
  for (int run = 0; run < 100; ++run) most = std::max(most, call.allocations_of(*context));
  EXPECT_LE(most, own + 1);  // binding copies the name
}

}  // namespace
}  // namespace xpuruntime::onnxrt
