// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <executorch/extension/data_loader/buffer_data_loader.h>
#include <executorch/extension/data_loader/mmap_data_loader.h>

#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include "libraries.h"
#include "status.h"

namespace xpuruntime::executorch_engine {
namespace {

using engine::Failure;
using executorch::extension::BufferDataLoader;
using executorch::extension::MmapDataLoader;
using executorch::runtime::DataLoader;
namespace runtime = executorch::runtime;

constexpr size_t kAlignment = 64;  // more than what programs are laid out for

std::unique_ptr<DataLoader> open_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw Failure(XPURT_MODEL_NOT_FOUND, "there is no model file " + path);
  }
  return std::make_unique<MmapDataLoader>(
      take(MmapDataLoader::from(path.c_str(), MmapDataLoader::MlockConfig::NoMlock), path,
           XPURT_MODEL_NOT_FOUND));
}

/// A copy that is aligned and stays.
std::shared_ptr<std::byte[]> copied(std::span<const std::byte> bytes) {
  const auto release = [](std::byte* memory) {
    ::operator delete[](memory, std::align_val_t(kAlignment));
  };
  std::shared_ptr<std::byte[]> copy(
      static_cast<std::byte*>(::operator new[](bytes.size(), std::align_val_t(kAlignment))),
      release);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  return copy;
}

}  // namespace

Program::Program(const engine::LoadArgs& args) : name_(args.name()) {
  if (args.source() == XPURT_SOURCE_PATH) {
    loader_ = open_file(args.path());
  } else {
    bytes_ = copied(args.bytes());
    loader_ = std::make_unique<BufferDataLoader>(bytes_.get(), args.bytes().size());
  }
  program_.emplace(take(
      runtime::Program::load(loader_.get(), runtime::Program::Verification::InternalConsistency),
      name_, XPURT_INVALID_ARGUMENT));
  if (!program_->method_meta(kMethod).ok()) {
    clear_log();
    throw Failure(XPURT_UNSUPPORTED_OPERATION, name_ + ": the program has no method forward()");
  }
}

MethodMeta Program::meta() const { return take(program_->method_meta(kMethod), name_); }

LoadedMethod::Planned::Planned(const MethodMeta& meta) {
  for (size_t i = 0; i < meta.num_memory_planned_buffers(); ++i) {
    const auto size = static_cast<size_t>(take(meta.memory_planned_buffer_size(i), "a plan"));
    memory.push_back(std::make_unique_for_overwrite<std::byte[]>(size + kAlignment));
    void* begin = memory.back().get();
    size_t space = size + kAlignment;
    spans.emplace_back(static_cast<uint8_t*>(std::align(kAlignment, size, begin, space)), size);
  }
}

LoadedMethod::LoadedMethod(std::shared_ptr<const Program> program)
    : program_(std::move(program)),
      planned_(program_->meta()),
      planned_memory_({planned_.spans.data(), planned_.spans.size()}),
      memory_(&allocator_, &planned_memory_, &scratch_) {
  auto method = load();
  const bool again = method.error() == Error::OperatorMissing && open_quantized_kernels();
  if (again) clear_log();
  method_.emplace(take(again ? load() : std::move(method), "forward()", XPURT_INVALID_ARGUMENT));
}

runtime::Result<Method> LoadedMethod::load() {
  return program_->get().load_method(kMethod, &memory_);
}

}  // namespace xpuruntime::executorch_engine
