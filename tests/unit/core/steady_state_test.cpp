// SPDX-License-Identifier: Apache-2.0
// A run in the steady state allocates nothing: every allocation of the program is counted.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "xpuruntime/engine/export.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/session.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define XPURT_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define XPURT_TEST_SANITIZED 1
#endif
#endif

namespace {
thread_local uint64_t allocations = 0;
}  // namespace

#if !defined(XPURT_TEST_SANITIZED)
// The C library's own, by the names that glibc keeps for those who put others in their place.
// operator new comes to malloc and aligned_alloc too.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

__attribute__((visibility("default"))) void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
__attribute__((visibility("default"))) void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
__attribute__((visibility("default"))) int posix_memalign(void** memory, size_t alignment,
                                                          size_t size) {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory != nullptr ? 0 : 12;
}
}
#endif

namespace xpuruntime {
namespace {

/// y = x + 1 and z = 2 x, over float32 of any length, without an allocation of its own.
class PlainEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "plain";

  PlainEngine() {
    spec_.name = kName;
    spec_.devices = {{XPURT_DEVICE_CPU, 0}};
  }
  const engine::EngineSpec& spec() override { return spec_; }
  std::unique_ptr<engine::Model> load(const engine::LoadArgs&) override {
    return std::make_unique<PlainModel>();
  }

 private:
  class PlainContext : public engine::Context {
   public:
    void run(const engine::RunArgs& args) override {
      const xpurt_value& x = args.input(0);
      const auto from = std::span(static_cast<const float*>(x.data), x.byte_size / sizeof(float));
      for (uint32_t i = 0; i < 2; ++i) {
        auto* to = static_cast<float*>(args.reserve(i, x.byte_size));
        for (size_t k = 0; k < from.size(); ++k) to[k] = i == 0 ? from[k] + 1 : from[k] * 2;
        args.commit(i, XPURT_FLOAT, {x.shape, static_cast<size_t>(x.rank)}, to, x.byte_size);
      }
    }
  };

  class PlainModel : public engine::Model {
   public:
    PlainModel() {
      add(spec_.inputs, "x");
      add(spec_.outputs, "y");
      add(spec_.outputs, "z");
    }
    const engine::ModelSpec& spec() const override { return spec_; }
    std::unique_ptr<engine::Context> create_context() override {
      return std::make_unique<PlainContext>();
    }

   private:
    static void add(std::vector<engine::TensorSpec>& specs, const char* name) {
      engine::TensorSpec& spec = specs.emplace_back();
      spec.name = name;
      spec.dtype = XPURT_FLOAT;
      spec.shape = {-1, 4};
    }
    engine::ModelSpec spec_;
  };

  engine::EngineSpec spec_;
};

/// Allocations of this thread while `body` runs a hundred times, after a few runs to get there.
template <typename Body>
uint64_t count_allocations(Body&& body) {
  for (int i = 0; i < 3; ++i) body();
  const uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) body();
  return allocations - before;
}

class SteadyStateTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(XPURT_TEST_SANITIZED)
    GTEST_SKIP() << "the sanitizer has put its own malloc in place, so allocations are not counted";
#endif
  }

  static InferenceSession open() {
    static const bool registered = [] {
      EngineRegistry::instance().register_engine(PlainEngine::kName, engine::plugin<PlainEngine>());
      return true;
    }();
    static_cast<void>(registered);
    const std::byte model[1]{};
    return InferenceSession(std::span<const std::byte>(model), {.engine = PlainEngine::kName});
  }
};

TEST_F(SteadyStateTest, AllocationsAreCounted) {
  const uint64_t before = allocations;
  void* volatile memory = std::malloc(10);
  std::free(memory);
  memory = std::aligned_alloc(64, 64);
  std::free(memory);
  delete new volatile int(3);
  EXPECT_EQ(allocations - before, 3U);
  const Tensor tensor(DType::kFloat32, {4});
  EXPECT_EQ(allocations - before, 4U);
}

TEST_F(SteadyStateTest, ABoundRunAllocatesNothing) {
  const InferenceSession session = open();
  IOBinding binding = session.create_io_binding();
  Tensor x(DType::kFloat32, {2, 4});
  binding.bind_input("x", x);
  binding.bind_output("y", Tensor(DType::kFloat32, {2, 4}));
  binding.bind_output("z", Tensor(DType::kFloat32, {2, 4}));
  float next = 0;
  EXPECT_EQ(count_allocations([&] {
              x.mutable_values<float>()[7] = ++next;
              session.run(binding);
              if (binding.outputs()[1].values<float>()[7] != 2 * next) std::abort();
            }),
            0U);
}

TEST_F(SteadyStateTest, ABoundRunWithOutputsLeftToTheEngineAllocatesNothing) {
  const InferenceSession session = open();
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", Tensor(DType::kFloat32, {2, 4}));
  EXPECT_EQ(count_allocations([&] { session.run(binding); }), 0U);
  EXPECT_EQ(session.memory().statistics().allocations, 2U);
}

TEST_F(SteadyStateTest, ABoundRunWithADynamicOutputInLargerMemoryAllocatesNothing) {
  const InferenceSession session = open();
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", Tensor(DType::kFloat32, {2, 4}));
  binding.bind_output("y", Tensor(DType::kFloat32, {32}));
  EXPECT_EQ(count_allocations([&] { session.run(binding); }), 0U);
}

TEST_F(SteadyStateTest, ABoundRunWithAMisalignedInputAllocatesNothing) {
  const InferenceSession session = open();
  IOBinding binding = session.create_io_binding();
  alignas(64) static std::byte memory[64];
  binding.bind_input("x", Tensor::wrap(memory + 4, DType::kFloat32, {1, 4}));
  EXPECT_EQ(count_allocations([&] { session.run(binding); }), 0U);
}

TEST_F(SteadyStateTest, ARunIntoGivenMemoryAllocatesNothing) {
  const InferenceSession session = open();
  const std::array inputs{Tensor(DType::kFloat32, {2, 4})};
  std::array outputs{Tensor(DType::kFloat32, {2, 4}), Tensor(DType::kFloat32, {2, 4})};
  EXPECT_EQ(count_allocations([&] { session.run(inputs, outputs); }), 0U);
}

TEST_F(SteadyStateTest, ARunWithOutputsOfItsOwnAllocatesOnlyTheListOfThem) {
  const InferenceSession session = open();
  const std::array inputs{Tensor(DType::kFloat32, {2, 4})};
  EXPECT_EQ(count_allocations([&] { session.run(inputs); }), 100U);
  EXPECT_EQ(session.memory().statistics().allocations, 2U);
}

}  // namespace
}  // namespace xpuruntime
