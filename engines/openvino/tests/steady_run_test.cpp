// SPDX-License-Identifier: Apache-2.0
/// That a run in which nothing changed allocates nothing here: as often as OpenVINO alone.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

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

namespace xpuruntime::openvino {
namespace {

/// A sink with one output in one of two places, and two inputs; made before anything is counted.
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
    args.input_count = 2;
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

  std::array<int64_t, 2> shape{2, 3};
  std::array<float, 6> x{};
  std::array<std::array<float, 6>, 2> memory{};
  size_t places = 1;
  size_t turn = 0;
  xpurt_value value{};
  std::array<const xpurt_value*, 2> inputs{&value, &value};
  xpurt_sink sink{};
  xpurt_run_args args{};
};

/// OpenVINO keeps its tasks in blocks of some, so single runs differ.
constexpr int kRuns = 320;

/// What OpenVINO allocates in that many runs with tensors that are set.
int64_t own_allocations(ov::CompiledModel compiled, Call& call) {
  ov::InferRequest request = compiled.create_infer_request();
  const ov::Shape shape{2, 3};
  for (size_t i = 0; i < 2; ++i) {
    request.set_input_tensor(i, ov::Tensor(ov::element::f32, shape, call.x.data()));
  }
  request.set_output_tensor(ov::Tensor(ov::element::f32, shape, call.memory[0].data()));
  for (int run = 0; run < 10; ++run) request.infer();
  const int64_t before = allocations;
  for (int run = 0; run < kRuns; ++run) request.infer();
  return allocations - before;
}

struct SteadyRunTest : testing::Test {
  SteadyRunTest() {
    const Source source = shared_model("add");
    xpurt_load_args args{};
    args.struct_size = sizeof(args);
    args.path = source.content.c_str();
    args.threads = 1;  // more of them allocate when they like
    engine::host = conformance::host();
    model = OpenVinoEngine().load(engine::LoadArgs(args));
    context = model->create_context();
    own = own_allocations(static_cast<OpenVinoModel&>(*model).compiled(), call);
    for (int run = 0; run < 10; ++run) call.allocations_of(*context);
  }
  std::unique_ptr<engine::Model> model;
  std::unique_ptr<engine::Context> context;
  Call call;
  int64_t own = 0;
};

TEST_F(SteadyRunTest, AllocatesAsOftenAsOpenVinoAlone) {
  ASSERT_GT(own, 0);  // or nothing was counted
  int64_t ours = 0;
  for (int run = 0; run < kRuns; ++run) ours += call.allocations_of(*context);
  EXPECT_LT(ours - own, kRuns / 2);  // one a run would be kRuns
}

TEST_F(SteadyRunTest, MakesNoTensorsWhenOutputsAlternate) {
  call.places = 2;
  const int64_t first = call.allocations_of(*context) + call.allocations_of(*context);
  int64_t later = 0;
  for (int run = 0; run < kRuns; ++run) later += call.allocations_of(*context);
  EXPECT_LT(later / kRuns, first / 2);  // in which a tensor was made
}

}  // namespace
}  // namespace xpuruntime::openvino
