// SPDX-License-Identifier: Apache-2.0
#include "harness.h"

#include <deque>

namespace xpuruntime::reference::testing {
namespace {

const xpurt_host kHost{sizeof(xpurt_host),
                       XPURT_ABI_MAJOR,
                       XPURT_ABI_MINOR,
                       [](xpurt_error* error, xpurt_status code, int64_t, uint32_t, uint64_t asked,
                          uint64_t, const char* text) {
                         *error = {code, text, asked};
                         return code;
                       },
                       [] { return int32_t{XPURT_LOG_OFF}; },
                       [](int32_t, const char*, const char*) {},
                       [] { return int32_t{1}; }};

Sink& sink_of(void* self) { return *static_cast<Sink*>(self); }

xpurt_status bound(void* self, uint32_t i, const xpurt_value** value, uint64_t* capacity) {
  *value = nullptr;
  *capacity = sink_of(self).bound_bytes[i];
  return XPURT_OK;
}

xpurt_status reserve(void* self, uint32_t i, uint64_t bytes, uint64_t, xpurt_device, xpurt_stream*,
                     void** data, xpurt_error* error) {
  Sink& sink = sink_of(self);
  if (sink.on_reserve) sink.on_reserve();
  if (sink.bound_bytes[i] == 0) {
    sink.memory[i] = std::make_unique<std::byte[]>(bytes);
  } else if (bytes > sink.bound_bytes[i]) {
    return kHost.fail(error, XPURT_INVALID_ARGUMENT, 0, 0, bytes, 0, "bound memory is too small");
  }
  *data = sink.memory[i].get();
  return XPURT_OK;
}

xpurt_status commit(void* self, uint32_t i, const xpurt_value* value, xpurt_error* error) {
  Sink& sink = sink_of(self);
  const std::vector<int64_t> shape(value->shape, value->shape + value->rank);
  if (value->dtype == XPURT_STRING) {
    const auto texts = xpuruntime::engine::strings_of(*value);
    sink.committed[i] = strings(shape, {texts.begin(), texts.end()});
    return XPURT_OK;
  }
  if (value->data != sink.memory[i].get()) {
    return kHost.fail(error, XPURT_ENGINE, 0, 0, 0, 0, "committed memory that was not reserved");
  }
  const std::vector<std::byte> bytes(sink.memory[i].get(), sink.memory[i].get() + value->byte_size);
  sink.committed[i] = make(static_cast<onnx::DType>(value->dtype), shape, bytes);
  return XPURT_OK;
}

xpurt_status give(void*, uint32_t, const xpurt_value*, void (*)(void*), void*, xpurt_error* error) {
  return kHost.fail(error, XPURT_ENGINE, 0, 0, 0, 0, "the reference engine gives nothing");
}

/// Strings as they cross the seam.
struct ArrowStrings {
  explicit ArrowStrings(const std::vector<std::string>& strings) {
    for (const std::string& text : strings) {
      bytes += text;
      offsets.push_back(static_cast<int64_t>(bytes.size()));
    }
  }
  std::string bytes;
  std::vector<int64_t> offsets{0};
};

void check(xpurt_status status, const xpurt_error& error) {
  if (status != XPURT_OK) throw Failed(error);
}

}  // namespace

xpurt_sink Sink::table() {
  return {sizeof(xpurt_sink), this,         testing::bound, testing::reserve,
          testing::commit,    testing::give};
}

xpurt_reporter Sink::reporter() {
  return {sizeof(xpurt_reporter), this,
          [](void* self, uint64_t bytes, const char*) { sink_of(self).copied_bytes += bytes; }};
}

const xpurt_engine& Session::engine() {
  static const void* const table =
      xpuruntime::engine::query<ReferenceEngine>("engine", XPURT_ABI_MAJOR, &kHost);
  return *static_cast<const xpurt_engine*>(table);
}

Session::Session(const std::string& bytes, const LoadSettings& settings) {
  std::vector<xpurt_key_value> pairs;
  for (const auto& [key, value] : settings.options) {
    pairs.push_back({sizeof(xpurt_key_value), key.c_str(), value.c_str()});
  }
  std::vector<const xpurt_key_value*> options;
  for (const auto& pair : pairs) options.push_back(&pair);
  std::vector<const char*> extra;
  for (const auto& name : settings.extra_outputs) extra.push_back(name.c_str());

  xpurt_load_args args{};
  args.struct_size = sizeof args;
  args.source = settings.path.empty() ? XPURT_SOURCE_BYTES : XPURT_SOURCE_PATH;
  args.path = settings.path.empty() ? nullptr : settings.path.c_str();
  args.bytes = bytes.data();
  args.byte_count = bytes.size();
  args.base_folder = settings.base_folder.empty() ? nullptr : settings.base_folder.c_str();
  args.device = settings.device;
  args.threads = 1;
  args.options = options.data();
  args.option_count = static_cast<uint32_t>(options.size());
  args.extra_outputs = extra.data();
  args.extra_output_count = static_cast<uint32_t>(extra.size());
  auto progress = settings.progress;
  if (progress) {
    args.progress_user = &progress;
    args.progress = [](void* user, const char* phase, uint64_t, uint64_t) {
      return int32_t{(*static_cast<std::function<int(const std::string&)>*>(user))(phase)};
    };
  }
  xpurt_error error;
  check(engine().model_load(engine().self, &args, &model_, &error), error);
  check(engine().model_info(model_, &info_, &error), error);
}

Session::~Session() {
  if (model_ != nullptr) engine().model_release(model_);
}

std::vector<Value> Session::run(const std::vector<Value>& inputs) {
  Sink sink(info_->output_count);
  run(inputs, sink);
  return sink.committed;
}

void Session::run(const std::vector<Value>& inputs, Sink& sink, uint64_t run_id,
                  int64_t deadline_ns, xpurt_context* context) {
  std::vector<xpurt_value> values;
  values.reserve(inputs.size());
  std::vector<const xpurt_value*> pointers;
  std::deque<ArrowStrings> texts;
  for (const Value& input : inputs) {
    const std::string& bytes =
        input.dtype == onnx::DType::kString ? texts.emplace_back(input.strings).bytes : input.bytes;
    values.push_back(
        xpuruntime::engine::RunArgs::tensor(static_cast<int32_t>(input.dtype), input.shape,
                                            const_cast<char*>(bytes.data()), bytes.size()));
    if (input.dtype == onnx::DType::kString) values.back().offsets = texts.back().offsets.data();
    pointers.push_back(&values.back());
  }
  const xpurt_sink table = sink.table();
  const xpurt_reporter reporter = sink.reporter();
  xpurt_run_args args{};
  args.struct_size = sizeof args;
  args.run_id = run_id;
  args.inputs = pointers.data();
  args.input_count = static_cast<uint32_t>(pointers.size());
  args.output_count = info_->output_count;
  args.sink = &table;
  args.deadline_ns = deadline_ns;
  args.reporter = &reporter;
  xpurt_error error;
  xpurt_context* own = nullptr;
  if (context == nullptr) check(engine().context_create(model_, &own, &error), error);
  const xpurt_status status =
      engine().context_run(context != nullptr ? context : own, &args, &error);
  if (own != nullptr) engine().context_release(own);
  check(status, error);
}

}  // namespace xpuruntime::reference::testing
