// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <executorch/extension/memory_allocator/malloc_memory_allocator.h>
#include <executorch/runtime/core/data_loader.h>
#include <executorch/runtime/core/hierarchical_allocator.h>
#include <executorch/runtime/executor/memory_manager.h>
#include <executorch/runtime/executor/method.h>
#include <executorch/runtime/executor/program.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::executorch_engine {

inline constexpr const char* kMethod = "forward";

using executorch::runtime::Method;
using executorch::runtime::MethodMeta;

/// A program and its bytes. Immutable; methods of it may be made on any thread.
class Program {
 public:
  /// Throws MODEL_NOT_FOUND, INVALID_ARGUMENT for what is no program, UNSUPPORTED_OPERATION for a
  /// program without forward().
  explicit Program(const engine::LoadArgs& args);

  MethodMeta meta() const;
  const executorch::runtime::Program& get() const { return *program_; }

 private:
  std::string name_;
  std::shared_ptr<std::byte[]> bytes_;
  std::unique_ptr<executorch::runtime::DataLoader> loader_;
  std::optional<executorch::runtime::Program> program_;
};

/// A method with the memory that one run of it needs: one run at a time.
class LoadedMethod {
 public:
  /// Throws UNSUPPORTED_OPERATION, naming them, for operators and backends that are not there.
  explicit LoadedMethod(std::shared_ptr<const Program> program);

  Method& operator*() { return *method_; }
  Method* operator->() { return &*method_; }

 private:
  struct Planned {
    explicit Planned(const MethodMeta& meta);
    std::vector<std::unique_ptr<std::byte[]>> memory;
    std::vector<executorch::runtime::Span<uint8_t>> spans;
  };
  executorch::runtime::Result<Method> load();

  const std::shared_ptr<const Program> program_;
  Planned planned_;
  executorch::extension::MallocMemoryAllocator allocator_;
  executorch::extension::MallocMemoryAllocator scratch_;
  executorch::runtime::HierarchicalAllocator planned_memory_;
  executorch::runtime::MemoryManager memory_;
  std::optional<Method> method_;
};

}  // namespace xpuruntime::executorch_engine
