// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <new>
#include <vector>

#include "fake_engine.h"

namespace xpuruntime::fake {
namespace {

using engine::Failure;
using std::chrono::steady_clock;

bool is_bound(const engine::RunArgs& args, int output, uint64_t* capacity = nullptr) {
  uint64_t unused = 0;
  const xpurt_value* bound =
      args.bound(static_cast<uint32_t>(output), capacity != nullptr ? capacity : &unused);
  return bound != nullptr && bound->data != nullptr;
}

/// What keeps a given buffer alive.
struct Given {
  std::shared_ptr<const void> owner;
};

void release_given(void* token) {
  delete static_cast<Given*>(token);
  --hooks().given;
  ++hooks().released;
}

}  // namespace

Run::Run(std::shared_ptr<const LoadedProgram> loaded, std::shared_ptr<Values> state,
         const engine::RunArgs& args)
    : loaded_(std::move(loaded)),
      state_(std::move(state)),
      id_(args.run_id()),
      deadline_ns_(args.deadline_ns()) {
  const engine::ModelSpec& spec = loaded_->program.spec;
  if (args.input_count() != spec.inputs.size() || args.output_count() != spec.outputs.size()) {
    throw Failure(XPURT_INVALID_ARGUMENT, "the run has another number of inputs or outputs");
  }
  for (uint32_t i = 0; i < args.input_count(); ++i) take_input(args, i);
  Hooks& seen = hooks();
  ++seen.runs;
  seen.last_run = id_;
  const int now = ++seen.runs_now;
  int most = seen.runs_most;
  while (most < now && !seen.runs_most.compare_exchange_weak(most, now)) {
  }
}

Run::~Run() { --hooks().runs_now; }

void Run::take_input(const engine::RunArgs& args, uint32_t i) {
  const engine::TensorSpec& spec = loaded_->program.spec.inputs[i];
  const auto wrong = [&](const std::string& got) {
    throw Failure(XPURT_INVALID_ARGUMENT, "input '" + spec.name + "': expected " +
                                              describe(spec.dtype, spec.shape) + ", got " + got);
  };
  if (!args.has_input(i)) wrong("nothing");
  const xpurt_value& value = args.input(i);
  if (value.kind != XPURT_KIND_TENSOR) wrong("something that is no tensor");
  if (value.device.type != XPURT_DEVICE_CPU) wrong("memory of another device");
  Array array{value.dtype, {value.shape, value.shape + value.rank}, nullptr, nullptr};
  bool fits = value.dtype == spec.dtype && value.strides == nullptr &&
              (!spec.has_rank || array.shape.size() == spec.shape.size());
  for (size_t d = 0; fits && spec.has_rank && d < spec.shape.size(); ++d) {
    fits = array.shape[d] >= 0 && (spec.shape[d] < 0 || array.shape[d] == spec.shape[d]) &&
           (spec.max_shape[d] < 0 || array.shape[d] <= spec.max_shape[d]);
  }
  if (!fits) wrong(describe(array.dtype, array.shape));
  if (value.byte_size != array.bytes()) wrong(std::to_string(value.byte_size) + " bytes");
  array.data = static_cast<std::byte*>(value.data);
  input_flags_[spec.name] = value.flags;
  values_.emplace(spec.name, std::move(array));
}

void Run::cancel() {
  cancelled_ = true;
  hooks().gate.wake();
  hooks().meeting.wake();
}

void Run::check_alive() const {
  if (cancelled_) throw Failure(XPURT_CANCELLED, "the run was cancelled");
  if (deadline_ns_ != 0 &&
      steady_clock::now().time_since_epoch() >= std::chrono::nanoseconds(deadline_ns_)) {
    throw Failure(XPURT_DEADLINE_EXCEEDED, "the run did not end before its deadline");
  }
}

void Run::act(const Step& step) const {
  check_alive();
  if (step.op == "fail") throw *step.failure;
  if (step.op == "bad_alloc") throw std::bad_alloc();
  if (step.op == "throw_int") throw 42;
  if (step.op == "leak") {
    static std::vector<std::vector<std::byte>>& leaked = *new std::vector<std::vector<std::byte>>;
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    leaked.emplace_back(static_cast<size_t>(step.numbers[0]), std::byte{1});
  }
  if (step.op == "meet") {
    const auto count = static_cast<int>(step.numbers[0]);
    if (!hooks().meeting.join(count, [this] { return cancelled_.load(); })) check_alive();
  }
  if (step.op == "block") {
    const auto deadline = deadline_ns_ == 0
                              ? steady_clock::time_point::max()
                              : steady_clock::time_point(std::chrono::nanoseconds(deadline_ns_));
    if (!hooks().gate.pass([this] { return cancelled_.load(); }, deadline)) check_alive();
  }
}

int Run::output_of(const std::string& result) const {
  const auto& outputs = loaded_->program.spec.outputs;
  const auto found = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const auto& output) { return output.name == result; });
  return found == outputs.end() ? -1 : static_cast<int>(found - outputs.begin());
}

std::byte* Run::reserve(const engine::RunArgs& args, uint32_t output, uint64_t bytes) const {
  const Settings& settings = loaded_->settings;
  uint64_t capacity = 0;
  const bool in_bound = is_bound(args, static_cast<int>(output), &capacity);
  for (int64_t i = 0; i < settings.reserve_steps; ++i) args.reserve(output, (bytes + 1) / 2);
  // An upper bound is a guess: where the caller's memory holds the result, it is asked no more.
  auto guess =
      static_cast<uint64_t>(std::min(static_cast<double>(bytes) * settings.headroom, 9e18));
  guess = std::max(guess, bytes);
  if (in_bound && guess > capacity) guess = bytes;
  return static_cast<std::byte*>(args.reserve(output, guess));
}

Run::Place Run::place(const Step& step, Array meta, const engine::RunArgs& args) const {
  Place place;
  place.output = output_of(step.result);
  const bool in_place = step.op == "scale_in_place" && input_flags_.contains(step.operands[0]) &&
                        (input_flags_.at(step.operands[0]) & XPURT_VALUE_DONATED) != 0;
  // Into bound memory, give copies now: too early for what a stream writes later.
  const bool write = args.stream() != nullptr && place.output >= 0 && is_bound(args, place.output);
  if (!write && (step.op == "give_input" || in_place)) {
    place.home = Home::kInput;
    place.array = values_.at(step.operands[0]);
  } else if (!write && step.op == "weights") {
    place.home = Home::kModel;
    place.array = weights_of(step);
  } else if (place.output < 0) {
    place.array = own_array(meta.dtype, std::move(meta.shape));
  } else if (!write && (step.op == "give" || loaded_->settings.give_outputs)) {
    place.home = Home::kOwn;
    place.array = own_array(meta.dtype, std::move(meta.shape));
  } else {
    place.home = Home::kHost;
    place.array = std::move(meta);
    place.array.data = reserve(args, static_cast<uint32_t>(place.output), place.array.bytes());
  }
  return place;
}

void Run::publish(const Place& place, const engine::RunArgs& args) const {
  if (place.output < 0) return;
  const auto output = static_cast<uint32_t>(place.output);
  const Array& array = place.array;
  if (place.home == Home::kHost) {
    args.commit(output, array.dtype, array.shape, array.data, array.bytes());
    if (loaded_->settings.report_copies) {
      args.copied(array.bytes(), "the fake engine copies its results");
    }
    return;
  }
  xpurt_value value = engine::RunArgs::tensor(array.dtype, array.shape, array.data, array.bytes());
  if (place.home == Home::kModel) value.flags |= XPURT_VALUE_READ_ONLY;
  auto given = std::make_unique<Given>();
  given->owner = place.home == Home::kModel ? std::shared_ptr<const void>(loaded_) : array.owner;
  ++hooks().given;
  args.give(output, value, release_given, given.release());
}

void Run::now(const engine::RunArgs& args) {
  for (const Step& step : loaded_->program.steps) {
    act(step);
    if (step.result.empty()) continue;
    Array meta;
    infer(step, values_, true, meta);
    Place where = place(step, std::move(meta), args);
    compute(step, values_, *state_, where.array);
    publish(where, args);
    values_[step.result] = std::move(where.array);
  }
  check_alive();
}

void Run::enqueue(const engine::RunArgs& args, Stream& stream) {
  const std::vector<Step>& steps = loaded_->program.steps;
  // To infer a shape takes the shapes of the operands; values_ holds no more than those until the
  // stream comes to it. Nothing is placed before all shapes are known.
  for (const Step& step : steps) {
    if (step.result.empty()) continue;
    Array meta;
    if (!infer(step, values_, false, meta)) return enqueue_after_data(args, stream);
    values_[step.result] = std::move(meta);
  }
  std::vector<Place> places(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].result.empty()) continue;
    places[i] = place(steps[i], values_.at(steps[i].result), args);
    publish(places[i], args);
    values_[steps[i].result] = places[i].array;
  }
  stream.post([self = shared_from_this(), places = std::move(places)]() mutable {
    const std::vector<Step>& program = self->loaded_->program.steps;
    for (size_t i = 0; i < program.size(); ++i) {
      self->act(program[i]);
      if (!program[i].result.empty())
        compute(program[i], self->values_, *self->state_, places[i].array);
    }
    self->check_alive();
  });
}

void Run::enqueue_after_data(const engine::RunArgs& args, Stream& stream) {
  const std::vector<Step>& steps = loaded_->program.steps;
  std::promise<void> promise;
  stream.post([this, &steps, &promise] {
    try {
      for (const Step& step : steps) {
        act(step);
        if (!step.result.empty()) values_[step.result] = compute_apart(step);
      }
      promise.set_value();
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  });
  promise.get_future().get();
  std::vector<std::pair<Array, std::byte*>> copies;
  for (const Step& step : steps) {
    if (step.result.empty() || output_of(step.result) < 0) continue;
    const Array& ready = values_.at(step.result);
    const Place where = place(step, {ready.dtype, ready.shape, nullptr, nullptr}, args);
    publish(where, args);
    copies.emplace_back(ready, where.array.data);
  }
  stream.post([self = shared_from_this(), copies = std::move(copies)] {
    for (const auto& [from, to] : copies) copy(from, to);
    self->check_alive();
  });
}

/// The result of `step` in memory of its own, or where it is a view, in what it views.
Array Run::compute_apart(const Step& step) {
  Array out;
  infer(step, values_, true, out);
  if (step.op == "give_input") return values_.at(step.operands[0]);
  if (step.op == "weights") return weights_of(step);
  out = own_array(out.dtype, std::move(out.shape));
  compute(step, values_, *state_, out);
  return out;
}

}  // namespace xpuruntime::fake
