// SPDX-License-Identifier: Apache-2.0
#include "loaded_engine.h"

#include <utility>

#include "abi_read.h"
#include "host.h"
#include "thread_budget.h"
#include "xpuruntime/error.h"
#include "xpuruntime/memory_pool.h"

namespace xpuruntime {
namespace {

xpurt_status unsupported(xpurt_error* error, const char* what) {
  return record(error, XPURT_UNSUPPORTED_OPERATION,
                std::string("this engine does not support ") + what);
}

/// Fills what the engine left out, so that no caller has to ask whether a slot is there.
void fill_optional(xpurt_engine& table) {
  if (table.context_start == nullptr) {
    table.context_start = [](xpurt_context*, const xpurt_run_args*, xpurt_done, void*,
                             xpurt_error* error) {
      return unsupported(error, "asynchronous runs");
    };
  }
  if (table.context_cancel == nullptr) table.context_cancel = [](xpurt_context*, uint64_t) {};
  if (table.context_reset == nullptr) {
    table.context_reset = [](xpurt_context*, xpurt_error* error) {
      return unsupported(error, "resetting state");
    };
  }
  if (table.model_save == nullptr) {
    table.model_save = [](xpurt_model*, const xpurt_writer*, xpurt_error* error) {
      return unsupported(error, "saving compiled models");
    };
  }
  if (table.fingerprint == nullptr) {
    table.fingerprint = [](void*, const xpurt_load_args*, const xpurt_writer*, xpurt_error*) {
      return xpurt_status{XPURT_OK};
    };
  }
}

OptionSpec option_of(const xpurt_option* from) {
  const xpurt_option option = read_abi(from);
  OptionSpec spec{text_of(option.name),
                  static_cast<OptionType>(option.type),
                  text_of(option.default_value),
                  text_of(option.doc),
                  {}};
  for (auto choice = option.choices; choice != nullptr && *choice != nullptr; ++choice) {
    spec.choices.emplace_back(*choice);
  }
  return spec;
}

}  // namespace

LoadedEngine::LoadedEngine(std::string name, std::string path, xpurt_plugin_query_fn query,
                           const std::string& interface) {
  status_.name = std::move(name);
  status_.path = std::move(path);
  const auto* host = host_table();
  table_ =
      read_abi(static_cast<const xpurt_engine*>(query(interface.c_str(), XPURT_ABI_MAJOR, host)));
  device_table_ =
      read_abi(static_cast<const xpurt_device_table*>(query("device", XPURT_ABI_MAJOR, host)));
  check_table("engine " + status_.name + (status_.path.empty() ? "" : ", " + status_.path));
  fill_optional(table_);
  describe();
}

void LoadedEngine::check_table(const std::string& where) {
  if (table_.struct_size == 0) {
    throw UnavailableError("the plug-in has no engine table of ABI major " +
                           std::to_string(XPURT_ABI_MAJOR) + " (" + where + ")");
  }
  const auto require = [&](bool there, const char* slot) {
    if (!there) {
      throw UnavailableError(std::string("the engine's table lacks the required slot ") + slot +
                             " (" + where + ")");
    }
  };
  require(table_.describe != nullptr, "describe");
  require(table_.model_load != nullptr, "model_load");
  require(table_.model_release != nullptr, "model_release");
  require(table_.model_info != nullptr, "model_info");
  require(table_.context_create != nullptr, "context_create");
  require(table_.context_release != nullptr, "context_release");
  require(table_.context_run != nullptr, "context_run");
}

void LoadedEngine::describe() {
  const xpurt_engine_info* given = nullptr;
  xpurt_error error;
  const xpurt_status result = table_.describe(table_.self, &given, &error);
  if (result != XPURT_OK) throw_failure(error, result, "engine " + status_.name);
  const xpurt_engine_info info = read_abi(given);
  traits_ = info.traits;
  input_alignment_ = info.input_alignment > 1 ? info.input_alignment : 1;
  if (MemoryPool::kAlignment % input_alignment_ != 0) {
    throw UnavailableError(
        "the engine wants inputs aligned to " + std::to_string(input_alignment_) +
        " bytes, and what they are copied to "
        "is aligned to " +
        std::to_string(MemoryPool::kAlignment) + " (engine " + status_.name + ")");
  }
  status_.available = true;
  status_.version = text_of(info.version);
  status_.adapter_version = text_of(info.adapter_version);
  for (auto format = info.formats; format != nullptr && *format != nullptr; ++format) {
    status_.formats.emplace_back(*format);
  }
  for (auto option = info.options; option != nullptr && *option != nullptr; ++option) {
    status_.options.push_back(option_of(*option));
  }
  for (uint32_t i = 0; i < info.device_count; ++i) {
    status_.devices.push_back(
        {static_cast<DeviceType>(info.devices[i].type), info.devices[i].index});
  }
}

int32_t LoadedEngine::default_threads() const noexcept {
  const int32_t fixed = process_threads_.load(std::memory_order_relaxed);
  return fixed > 0 ? fixed : thread_budget();
}

void LoadedEngine::note_model(int32_t threads) noexcept {
  if ((traits_ & XPURT_TRAIT_PROCESS_THREADS) != 0) {
    process_threads_.store(threads, std::memory_order_relaxed);
  }
}

}  // namespace xpuruntime
