// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "worker/error.h"
#include "worker_model.h"

namespace xpuruntime::worker_engine {
namespace {

using engine::Failure;
using engine::RunArgs;
using worker::Clock;
using worker::Message;
using worker::TensorPlace;
using worker::TimePoint;

/// Smaller outputs are copied: each would keep a segment of the worker's to itself.
constexpr uint64_t kWorthGiving = uint64_t{64} << 10;

void throw_if_late(const RunArgs& args) {
  if (args.deadline_ns() != 0 && Clock::now().time_since_epoch().count() >= args.deadline_ns()) {
    throw Failure(XPURT_DEADLINE_EXCEEDED, "the deadline passed before the run ended");
  }
}

TensorPlace place_of(const engine::TensorSpec& spec, const xpurt_value& value) {
  if (value.kind != XPURT_KIND_TENSOR || value.strides != nullptr ||
      value.device.type != XPURT_DEVICE_CPU) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  "input '" + spec.name + "': a worker takes dense tensors in host memory");
  }
  TensorPlace place{
      spec.name, value.dtype, {value.shape, value.shape + value.rank}, 0, value.byte_size};
  if (value.dtype == XPURT_STRING) {
    place.bytes += (worker::element_count(place.shape) + 1) * sizeof(int64_t);
  }
  return place;
}

/// One of several holders of a payload, as the host's release wants it.
void release_payload(void* token) { delete static_cast<std::shared_ptr<worker::Block>*>(token); }

}  // namespace

/// A run that cancel() can reach.
class WorkerContext::Running {
 public:
  Running(WorkerContext& context, uint64_t run_id) : context_(context) {
    const std::lock_guard lock(context.mutex_);
    context.run_id_ = run_id;
    context.cancelled_.reset();
  }
  ~Running() {
    const std::lock_guard lock(context_.mutex_);
    context_.run_id_ = 0;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  WorkerContext& context_;
};

WorkerContext::WorkerContext(std::shared_ptr<Supervisor> supervisor, const engine::ModelSpec& spec)
    : supervisor_(std::move(supervisor)), inputs_(spec.inputs), outputs_(spec.outputs) {}

/// The host says a cancel again until the run has ended, so the second limit is looked at here.
void WorkerContext::cancel(uint64_t run_id) noexcept {
  const std::lock_guard lock(mutex_);
  if (run_id != run_id_ || run_id_ == 0) return;
  const TimePoint now = Clock::now();
  const bool is_first = !cancelled_;
  if (is_first) cancelled_ = now;
  if (request_ == nullptr) return;
  try {
    if (now - *cancelled_ >= supervisor_->settings().cancel_timeout) {
      worker_->kill("it went on with a cancelled run for worker.cancel_timeout and was killed");
    } else {
      request_->cancel();
    }
  } catch (const std::exception&) {
    // The worker is gone, which the run finds out too.
  }
}

void WorkerContext::check(const RunArgs& args) const {
  throw_if_late(args);
  const std::lock_guard lock(mutex_);
  if (cancelled_) throw Failure(XPURT_CANCELLED, "the run was cancelled");
}

void WorkerContext::run(const RunArgs& args) {
  args.check_counts(inputs_.size(), outputs_.size());
  const Running running(*this, args.run_id());
  throw_if_late(args);
  const auto worker = supervisor_->worker([&] { check(args); });
  try {
    const Message reply = exchange(args, *worker);
    supervisor_->note_answer();
    if (reply.type == worker::MessageType::kError) worker->throw_error(reply);
    deliver(args, reply);
  } catch (const worker::PeerGone&) {
    worker->throw_lost();
  } catch (const worker::TimedOut&) {
    worker->throw_lost();
  } catch (const worker::BadFrame&) {
    worker->throw_lost();
  } catch (const worker::TransportFailure& error) {
    throw Failure(XPURT_UNAVAILABLE, error.what());
  }
}

std::vector<TensorPlace> WorkerContext::places_of(const RunArgs& args) const {
  std::vector<TensorPlace> places;
  places.reserve(inputs_.size());
  for (uint32_t i = 0; i < inputs_.size(); ++i) {
    if (!args.has_input(i)) {
      throw Failure(XPURT_INVALID_ARGUMENT, "input '" + inputs_[i].name + "' is missing");
    }
    places.push_back(place_of(inputs_[i], args.input(i)));
  }
  return places;
}

void WorkerContext::write_inputs(const RunArgs& args, std::span<const TensorPlace> places,
                                 std::span<std::byte> payload) const {
  for (uint32_t i = 0; i < places.size(); ++i) {
    const xpurt_value& value = args.input(i);
    std::byte* to = payload.data() + places[i].offset;
    if (value.dtype == XPURT_STRING) {
      const uint64_t offsets = places[i].bytes - value.byte_size;
      std::memcpy(to, value.offsets, offsets);
      to += offsets;
    }
    if (value.byte_size > 0) std::memcpy(to, value.data, value.byte_size);
    if (places[i].bytes > 0) {
      args.copied(places[i].bytes, "an input goes into the memory of the worker process");
    }
  }
}

Message WorkerContext::exchange(const RunArgs& args, LiveWorker& worker) {
  worker::RunTensors run{.tensors = places_of(args)};
  const uint64_t bytes = worker::lay_out(run.tensors);
  std::shared_ptr<worker::Block> payload = worker.connection().allocate(bytes);
  if (payload != nullptr) write_inputs(args, run.tensors, payload->bytes());
  if (args.deadline_ns() != 0) {
    const std::chrono::nanoseconds left(args.deadline_ns() -
                                        Clock::now().time_since_epoch().count());
    run.timeout = std::max(std::chrono::duration<double>(left).count(), 0.0);
  }
  const auto request =
      worker.connection().ask(worker::MessageType::kRun, memo_.write(run), std::move(payload),
                              Clock::now() + supervisor_->settings().run_timeout);
  struct Noted {
    WorkerContext& self;
    Noted(WorkerContext& context, LiveWorker& live, Request& asked) : self(context) {
      const std::lock_guard lock(self.mutex_);
      self.worker_ = &live;
      self.request_ = &asked;
    }
    ~Noted() {
      const std::lock_guard lock(self.mutex_);
      self.request_ = nullptr;
    }
  } const noted(*this, worker, *request);
  return wait(worker, *request);
}

Message WorkerContext::wait(LiveWorker& worker, Request& request) const {
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) request.cancel();  // it came while the request was made
  }
  try {
    auto answer = request.wait(Clock::now() + supervisor_->settings().run_timeout);
    if (answer) return std::move(*answer);
    worker.kill("it did not answer a run within worker.run_timeout and was killed");
    throw worker::TimedOut("no answer");
  } catch (const worker::PeerGone&) {
    const std::lock_guard lock(mutex_);
    if (!cancelled_ || Clock::now() - *cancelled_ < supervisor_->settings().cancel_timeout) throw;
  }
  throw Failure(XPURT_CANCELLED,
                "the run was cancelled, did not end within worker.cancel_timeout, and was ended "
                "with its worker process");
}

void WorkerContext::deliver(const RunArgs& args, const Message& reply) {
  const worker::RunTensors& outputs = memo_.read(reply.json);
  if (outputs.tensors.size() != outputs_.size()) {
    throw worker::BadFrame("expected " + std::to_string(outputs_.size()) + " outputs, got " +
                           std::to_string(outputs.tensors.size()));
  }
  worker::check_places(outputs.tensors,
                       reply.payload != nullptr ? reply.payload->bytes().size() : 0);
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    if (outputs.tensors[i].name != outputs_[i].name) {
      throw worker::BadFrame("expected output '" + outputs_[i].name + "', got '" +
                             outputs.tensors[i].name + "'");
    }
    deliver(args, i, outputs.tensors[i], reply.payload);
  }
  for (const worker::Copied& copy : outputs.copies) {
    const std::string what = copy.what.empty() ? "" : "'" + copy.what + "', ";
    args.copied(copy.bytes, ("in the worker process: " + what + copy.why).c_str());
  }
}

void WorkerContext::deliver(const RunArgs& args, uint32_t i, const TensorPlace& place,
                            const std::shared_ptr<worker::Block>& payload) const {
  std::byte* const from = place.bytes > 0 ? payload->bytes().data() + place.offset : nullptr;
  if (place.dtype == XPURT_STRING) {
    const auto offsets = worker::string_offsets(place, payload->bytes());
    const auto* const text = reinterpret_cast<const char*>(from + offsets.size() * sizeof(int64_t));
    std::vector<std::string_view> strings;
    for (size_t k = 0; k + 1 < offsets.size(); ++k) {
      strings.emplace_back(text + offsets[k], static_cast<size_t>(offsets[k + 1] - offsets[k]));
    }
    args.write_strings(i, place.shape, strings);
    return;
  }
  uint64_t capacity = 0;
  const xpurt_value* const bound = args.bound(i, &capacity);
  const bool is_bound = bound != nullptr && bound->data != nullptr;
  if (!is_bound && place.bytes >= kWorthGiving) {
    const auto value = RunArgs::tensor(place.dtype, place.shape, from, place.bytes);
    args.give(i, value, release_payload, new std::shared_ptr<worker::Block>(payload));
    return;
  }
  void* const to = args.reserve(i, place.bytes);
  if (place.bytes > 0) {
    std::memcpy(to, from, place.bytes);
    args.copied(place.bytes, "an output comes out of the memory of the worker process");
  }
  args.commit(i, place.dtype, place.shape, to, place.bytes);
}

}  // namespace xpuruntime::worker_engine
