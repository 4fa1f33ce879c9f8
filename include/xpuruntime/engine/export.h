// SPDX-License-Identifier: Apache-2.0
/// Turns an engine::Engine into the C tables of abi.h: XPURT_EXPORT_ENGINE for a plug-in,
/// engine::plugin<E>() for an engine that lives in the program itself.
#pragma once

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::engine {

/// An EngineSpec in the form that crosses the seam. Points into the spec it was made from.
class EngineInfoTable {
 public:
  explicit EngineInfoTable(const EngineSpec& spec) {
    for (const auto& format : spec.formats) formats_.push_back(format.c_str());
    formats_.push_back(nullptr);
    options_.reserve(spec.options.size());
    choices_.reserve(spec.options.size());
    for (const auto& option : spec.options) {
      auto& choices = choices_.emplace_back();
      for (const auto& choice : option.choices) choices.push_back(choice.c_str());
      choices.push_back(nullptr);
      options_.push_back({sizeof(xpurt_option), option.name.c_str(), option.type,
                          option.default_value.c_str(), option.doc.c_str(),
                          option.choices.empty() ? nullptr : choices.data()});
    }
    for (const auto& option : options_) option_pointers_.push_back(&option);
    option_pointers_.push_back(nullptr);
    info_ = {sizeof(xpurt_engine_info),
             spec.name.c_str(),
             spec.version.c_str(),
             spec.adapter_version.c_str(),
             spec.traits,
             spec.input_alignment,
             formats_.data(),
             option_pointers_.data(),
             spec.devices.data(),
             static_cast<uint32_t>(spec.devices.size())};
  }
  const xpurt_engine_info* get() const { return &info_; }

 private:
  std::vector<const char*> formats_;
  std::vector<std::vector<const char*>> choices_;
  std::vector<xpurt_option> options_;
  std::vector<const xpurt_option*> option_pointers_;
  xpurt_engine_info info_{};
};

/// A ModelSpec in the form that crosses the seam. Points into the spec it was made from.
class ModelInfoTable {
 public:
  explicit ModelInfoTable(const ModelSpec& spec) {
    fill(spec.inputs, inputs_, dim_names_in_, input_pointers_);
    fill(spec.outputs, outputs_, dim_names_out_, output_pointers_);
    fill(spec.metadata, metadata_, metadata_pointers_);
    fill(spec.placement, placement_, placement_pointers_);
    if (spec.cache) {
      cache_ = {sizeof(xpurt_cache_info), spec.cache->outcome, spec.cache->entry.c_str(),
                spec.cache->reason.c_str()};
    }
    info_ = {sizeof(xpurt_model_info),
             input_pointers_.data(),
             static_cast<uint32_t>(inputs_.size()),
             output_pointers_.data(),
             static_cast<uint32_t>(outputs_.size()),
             metadata_pointers_.data(),
             static_cast<uint32_t>(metadata_.size()),
             spec.opset,
             spec.producer.c_str(),
             spec.device,
             spec.flags,
             spec.parallelism,
             spec.threads,
             placement_pointers_.data(),
             static_cast<uint32_t>(placement_.size()),
             spec.cache ? &cache_ : nullptr};
  }
  const xpurt_model_info* get() const { return &info_; }

 private:
  using Names = std::vector<std::vector<const char*>>;
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  static void fill(const std::vector<TensorSpec>& specs, std::vector<xpurt_tensor_info>& infos,
                   Names& names, std::vector<const xpurt_tensor_info*>& pointers) {
    infos.reserve(specs.size());
    names.reserve(specs.size());
    for (const auto& spec : specs) {
      auto& dim_names = names.emplace_back();
      for (const auto& name : spec.dim_names) {
        dim_names.push_back(name.empty() ? nullptr : name.c_str());
      }
      infos.push_back({sizeof(xpurt_tensor_info), spec.name.c_str(), spec.kind, spec.dtype,
                       spec.has_rank ? static_cast<int32_t>(spec.shape.size()) : -1,
                       spec.shape.data(), dim_names.empty() ? nullptr : dim_names.data(),
                       spec.max_shape.empty() ? nullptr : spec.max_shape.data()});
    }
    for (const auto& info : infos) pointers.push_back(&info);
  }
  static void fill(const Pairs& pairs, std::vector<xpurt_key_value>& values,
                   std::vector<const xpurt_key_value*>& pointers) {
    for (const auto& [key, value] : pairs) {
      values.push_back({sizeof(xpurt_key_value), key.c_str(), value.c_str()});
    }
    for (const auto& value : values) pointers.push_back(&value);
  }

  std::vector<xpurt_tensor_info> inputs_, outputs_;
  Names dim_names_in_, dim_names_out_;
  std::vector<const xpurt_tensor_info*> input_pointers_, output_pointers_;
  std::vector<xpurt_key_value> metadata_, placement_;
  std::vector<const xpurt_key_value*> metadata_pointers_, placement_pointers_;
  xpurt_cache_info cache_{};
  xpurt_model_info info_{};
};

/// The tables of one Engine; lives as long as the process, as plug-ins do.
template <typename E>
class EngineTable {
 public:
  /// Of the plug-in's only engine.
  static const xpurt_engine* get() {
    static EngineTable* const table = new EngineTable;  // never destroyed: threads may be in it
    return table->table();
  }

  /// Of an engine that is made from `args`, for a plug-in that has several.
  template <typename... Args>
  explicit EngineTable(Args&&... args) : engine_(std::forward<Args>(args)...) {}
  EngineTable(const EngineTable&) = delete;
  EngineTable& operator=(const EngineTable&) = delete;
  const xpurt_engine* table() const { return &table_; }

 private:
  struct LoadedModel {
    std::unique_ptr<Model> model;
    ModelInfoTable info;
  };

  static EngineTable* self(void* pointer) { return static_cast<EngineTable*>(pointer); }
  static LoadedModel* loaded(xpurt_model* model) { return reinterpret_cast<LoadedModel*>(model); }
  static Context* context_of(xpurt_context* context) { return reinterpret_cast<Context*>(context); }

  static xpurt_status describe(void* pointer, const xpurt_engine_info** info, xpurt_error* error) {
    return guarded(error, [&] {
      EngineTable* table = self(pointer);
      const std::lock_guard lock(table->mutex_);
      if (!table->info_) table->info_.emplace(table->engine_.spec());
      *info = table->info_->get();
    });
  }
  static xpurt_status model_load(void* pointer, const xpurt_load_args* args, xpurt_model** model,
                                 xpurt_error* error) {
    return guarded(error, [&] {
      std::unique_ptr<Model> made = self(pointer)->engine_.load(LoadArgs(*args));
      const ModelSpec& spec = made->spec();
      *model =
          reinterpret_cast<xpurt_model*>(new LoadedModel{std::move(made), ModelInfoTable(spec)});
    });
  }
  static void model_release(xpurt_model* model) { delete loaded(model); }
  static xpurt_status model_info(xpurt_model* model, const xpurt_model_info** info, xpurt_error*) {
    *info = loaded(model)->info.get();
    return XPURT_OK;
  }
  static xpurt_status context_create(xpurt_model* model, xpurt_context** context,
                                     xpurt_error* error) {
    return guarded(error, [&] {
      *context = reinterpret_cast<xpurt_context*>(loaded(model)->model->create_context().release());
    });
  }
  static void context_release(xpurt_context* context) { delete context_of(context); }
  static xpurt_status context_run(xpurt_context* context, const xpurt_run_args* args,
                                  xpurt_error* error) {
    return guarded(error, [&] { context_of(context)->run(RunArgs(*args, error)); });
  }
  static xpurt_status context_start(xpurt_context* context, const xpurt_run_args* args,
                                    xpurt_done done, void* user, xpurt_error* error) {
    return guarded(
        error, [&] { context_of(context)->start(RunArgs(*args, error), Done(done, user, error)); });
  }
  static void context_cancel(xpurt_context* context, uint64_t run_id) {
    context_of(context)->cancel(run_id);
  }
  static xpurt_status context_reset(xpurt_context* context, xpurt_error* error) {
    return guarded(error, [&] { context_of(context)->reset(); });
  }
  static xpurt_status model_save(xpurt_model* model, const xpurt_writer* writer,
                                 xpurt_error* error) {
    return guarded(error, [&] { loaded(model)->model->save(Writer(*writer, error)); });
  }
  static xpurt_status fingerprint(void* pointer, const xpurt_load_args* args,
                                  const xpurt_writer* writer, xpurt_error* error) {
    return guarded(error, [&] {
      self(pointer)->engine_.fingerprint(LoadArgs(*args), Writer(*writer, error));
    });
  }

  E engine_;
  std::mutex mutex_;
  std::optional<EngineInfoTable> info_;
  xpurt_engine table_{sizeof(xpurt_engine), this,          describe,       model_load,
                      model_release,        model_info,    context_create, context_release,
                      context_run,          context_start, context_cancel, context_reset,
                      model_save,           fingerprint};
};

/// The query function of a plug-in that holds E alone.
template <typename E>
const void* query(const char* interface_name, uint32_t major, const xpurt_host* given) {
  static const xpurt_plugin_version version{sizeof(xpurt_plugin_version), XPURT_ABI_MAJOR,
                                            XPURT_ABI_MINOR, E::kName};
  const std::string_view name(interface_name);
  if (name == "version" && major == 1) return &version;
  if (major != XPURT_ABI_MAJOR) return nullptr;
  host = given;
  if (name == "engine") return EngineTable<E>::get();
  if constexpr (requires { E::device_table(); }) {
    if (name == "device") return E::device_table();
  }
  return nullptr;
}

/// What EngineRegistry::register_engine takes for an engine in the program itself.
template <typename E>
constexpr xpurt_plugin_query_fn plugin() {
  return &query<E>;
}

}  // namespace xpuruntime::engine

/// One line at file scope of a plug-in: exports engine class E, which has `kName`.
#define XPURT_EXPORT_ENGINE(E)                                               \
  extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(             \
      const char* interface_name, uint32_t major, const xpurt_host* given) { \
    return ::xpuruntime::engine::query<E>(interface_name, major, given);     \
  }                                                                          \
  static_assert(true)
