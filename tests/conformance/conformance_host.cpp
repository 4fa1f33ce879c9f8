// SPDX-License-Identifier: Apache-2.0
#include "conformance_host.h"

#include <dlfcn.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace xpuruntime::conformance {

void Error::record(const Outcome& failure) {
  const std::lock_guard lock(mutex_);
  const int before = first_.failures;
  if (before == 0) first_ = failure;
  first_.failures = before + 1;
}

Outcome Error::outcome(xpurt_status status) const {
  const std::lock_guard lock(mutex_);
  Outcome outcome = first_;
  outcome.status = status;
  return outcome;
}

const xpurt_host* host() {
  static const xpurt_host table{
      sizeof(xpurt_host),
      XPURT_ABI_MAJOR,
      XPURT_ABI_MINOR,
      [](xpurt_error* error, xpurt_status code, int64_t native_code, uint32_t flags, uint64_t asked,
         uint64_t available, const char* text) {
        Error::of(error).record({code, code, native_code, flags, asked, available, text, 0});
        return code;
      },
      []() -> int32_t { return XPURT_LOG_OFF; },
      [](int32_t, const char*, const char*) {},
      []() -> int32_t { return 2; },
  };
  return &table;
}

uint64_t next_run_id() {
  static std::atomic<uint64_t> next{1};
  return next++;
}

RunCall::RunCall(const std::vector<Tensor>& inputs, Sink& sink, size_t outputs,
                 const RunOptions& options)
    : id_(options.id != 0 ? options.id : next_run_id()) {
  shapes_.reserve(inputs.size());
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    shapes_.push_back(inputs[i].shape());
    xpurt_value value{};
    value.struct_size = sizeof(value);
    value.kind = XPURT_KIND_TENSOR;
    const auto& donated = options.donated;
    const bool is_donated = std::find(donated.begin(), donated.end(), i) != donated.end();
    value.flags = is_donated ? XPURT_VALUE_DONATED : 0;
    value.dtype = inputs[i].dtype();
    value.rank = static_cast<int32_t>(inputs[i].shape().size());
    value.shape = shapes_.back().data();
    value.data = inputs[i].data();
    value.byte_size = inputs[i].bytes();
    values_.emplace_back(value, options.value_size);
    pointers_.push_back(values_.back().get());
  }
  reporter_ = {sizeof(reporter_), this, [](void* self, uint64_t bytes, const char*) {
                 static_cast<RunCall*>(self)->copied_ += bytes;
               }};
  xpurt_run_args args{};
  args.run_id = id_;
  args.inputs = pointers_.data();
  args.input_count = static_cast<uint32_t>(inputs.size());
  args.output_count = static_cast<uint32_t>(outputs);
  args.sink = sink.get();
  args.stream = options.stream;
  args.deadline_ns = options.deadline_ns;
  args.repeat = options.repeat;
  args.reporter = options.reporter ? &reporter_ : nullptr;
  args_.emplace(args, options.args_size);
}

Outcome Context::run(RunCall& call) const {
  return call.error().outcome(engine_->context_run(context_, call.args(), call.error().get()));
}

Outcome Context::run(const std::vector<Tensor>& inputs, Sink& sink, size_t outputs,
                     const RunOptions& options) const {
  RunCall call(inputs, sink, outputs, options);
  Outcome outcome = run(call);
  if (!outcome.ok()) sink.release_given();
  return outcome;
}

void Context::cancel(uint64_t run_id) const {
  if (engine_->context_cancel != nullptr) engine_->context_cancel(context_, run_id);
}

Job::Job(const xpurt_engine* engine, const Context& context, RunCall& call) : call_(call) {
  const xpurt_done done = [](void* user, xpurt_status status) {
    Job& job = *static_cast<Job*>(user);
    job.status_ = status;
    if (job.dones_++ == 0) job.done_.count_down();
  };
  started_ = call.error().outcome(
      engine->context_start(context.get(), call.args(), done, this, call.error().get()));
}

Outcome Job::wait() {
  if (!started_.ok()) return started_;
  done_.wait();
  return call_.error().outcome(status_);
}

Source Source::as_bytes() const {
  if (kind != XPURT_SOURCE_PATH) return *this;
  std::ifstream file(content, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + content);
  return bytes({std::istreambuf_iterator<char>(file), {}});
}

const xpurt_model_info& Model::info() const {
  const xpurt_model_info* info = nullptr;
  Error error;
  if (engine_->model_info(model_, &info, error.get()) != XPURT_OK || info == nullptr) {
    throw std::runtime_error("model_info: " + error.outcome(XPURT_OK).text);
  }
  return *info;
}

Context Model::context() const {
  xpurt_context* context = nullptr;
  Error error;
  if (engine_->context_create(model_, &context, error.get()) != XPURT_OK || context == nullptr) {
    throw std::runtime_error("context_create: " + error.outcome(XPURT_OK).text);
  }
  return {engine_, context};
}

Plugin Plugin::open(const std::string& file,
                    std::vector<std::pair<std::string, std::string>> options) {
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  void* const symbol = dlsym(library, XPURT_PLUGIN_QUERY);
  if (symbol == nullptr) throw std::runtime_error(file + " exports no " XPURT_PLUGIN_QUERY);
  Plugin plugin(reinterpret_cast<xpurt_plugin_query_fn>(symbol));
  plugin.options_ = std::move(options);
  return plugin;
}

Plugin::Plugin(xpurt_plugin_query_fn entry)
    : query_(entry),
      version_(static_cast<const xpurt_plugin_version*>(entry("version", 1, host()))),
      engine_(static_cast<const xpurt_engine*>(entry("engine", XPURT_ABI_MAJOR, host()))),
      device_(static_cast<const xpurt_device_table*>(entry("device", XPURT_ABI_MAJOR, host()))) {}

const xpurt_engine_info& Plugin::info() const {
  const xpurt_engine_info* info = nullptr;
  Error error;
  if (engine_->describe(engine_->self, &info, error.get()) != XPURT_OK || info == nullptr) {
    throw std::runtime_error("describe: " + error.outcome(XPURT_OK).text);
  }
  return *info;
}

namespace {

/// The arguments of a load, with all that they point to.
struct LoadCall {
  /// `more` go last: an engine takes the first of two options of one name.
  LoadCall(const Source& from, const LoadOptions& options,
           const std::vector<std::pair<std::string, std::string>>& more)
      : source(from) {
    for (const auto* list : {&options.options, &more}) {
      for (const auto& [key, value] : *list) {
        pairs.push_back({sizeof(xpurt_key_value), key.c_str(), value.c_str()});
      }
    }
    for (const auto& pair : pairs) pointers.push_back(&pair);
    for (const auto& name : options.extra_outputs) extra.push_back(name.c_str());
    xpurt_load_args all{};
    all.source = source.kind;
    if (source.kind == XPURT_SOURCE_PATH) {
      all.path = source.content.c_str();
    } else {
      all.bytes = source.content.data();
      all.byte_count = source.content.size();
    }
    all.device = options.device;
    all.threads = options.threads;
    all.options = pointers.data();
    all.option_count = static_cast<uint32_t>(pointers.size());
    all.extra_outputs = extra.data();
    all.extra_output_count = static_cast<uint32_t>(extra.size());
    all.progress = options.progress;
    all.progress_user = options.progress_user;
    args.emplace(all, options.args_size);
  }

  Source source;  ///< a copy that dies with the call: bytes are valid no longer than it
  std::vector<xpurt_key_value> pairs;
  std::vector<const xpurt_key_value*> pointers;
  std::vector<const char*> extra;
  std::optional<Cut<xpurt_load_args>> args;
};

xpurt_writer writer_to(std::string& text) {
  return {sizeof(xpurt_writer), &text,
          [](void* self, const void* bytes, uint64_t count, xpurt_error*) -> xpurt_status {
            static_cast<std::string*>(self)->append(static_cast<const char*>(bytes), count);
            return XPURT_OK;
          }};
}

}  // namespace

Outcome Plugin::try_load(const Source& source, const LoadOptions& options,
                         xpurt_model** model) const {
  LoadCall call(source, options, options_);
  Error error;
  return error.outcome(engine_->model_load(engine_->self, call.args->get(), model, error.get()));
}

Model Plugin::load(const Source& source, const LoadOptions& options) const {
  xpurt_model* model = nullptr;
  const Outcome outcome = try_load(source, options, &model);
  if (!outcome.ok() || model == nullptr) throw std::runtime_error("model_load: " + outcome.text);
  return {engine_, model};
}

Outcome Plugin::fingerprint(const Source& source, const LoadOptions& options,
                            std::string& text) const {
  LoadCall call(source, options, options_);
  const xpurt_writer writer = writer_to(text);
  Error error;
  return error.outcome(engine_->fingerprint(engine_->self, call.args->get(), &writer, error.get()));
}

Outcome Plugin::save(const Model& model, std::string& bytes) const {
  const xpurt_writer writer = writer_to(bytes);
  Error error;
  return error.outcome(engine_->model_save(model.get(), &writer, error.get()));
}

}  // namespace xpuruntime::conformance
