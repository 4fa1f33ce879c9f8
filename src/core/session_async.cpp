// SPDX-License-Identifier: Apache-2.0
// What InferenceSession offers beyond one run after the other.
#include <string>
#include <utility>

#include "run_inputs.h"
#include "session_jobs.h"
#include "session_state.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime {
namespace {

template <typename Inputs>
std::vector<BatchResult> run_items(SessionState& state, std::span<const Inputs> inputs,
                                   const RunOptions& options) {
  state.check_tensors_only();
  std::vector<SessionJobs::Item> items;
  for (const Inputs& each : inputs) {
    SessionJobs::Item& item = items.emplace_back();
    try {
      if constexpr (std::is_same_v<Inputs, NamedTensors>) {
        item.inputs = take_inputs(state, each);
      } else {
        item.inputs = take_inputs(state, std::span<const Tensor>(each));
      }
    } catch (const XpuRuntimeError&) {
      item.error = std::current_exception();
    }
  }
  return state.jobs->run_batch(std::move(items), options);
}

}  // namespace

Job InferenceSession::run_async(const NamedTensors& inputs, const RunOptions& options,
                                JobCallback callback) const {
  return state_->jobs->submit(take_inputs(*state_, inputs), options, std::move(callback));
}

Job InferenceSession::run_async(std::span<const Tensor> inputs, const RunOptions& options,
                                JobCallback callback) const {
  return state_->jobs->submit(take_inputs(*state_, inputs), options, std::move(callback));
}

void InferenceSession::register_callback(JobCallback callback) const {
  state_->jobs->register_callback(std::move(callback));
}

NamedTensors InferenceSession::wait(uint64_t job_id) const {
  return state_->jobs->find(job_id).wait();
}

NamedTensors InferenceSession::wait(uint64_t job_id, std::chrono::nanoseconds timeout) const {
  return state_->jobs->find(job_id).wait(timeout);
}

Job InferenceSession::job(uint64_t id) const { return state_->jobs->find(id); }

std::vector<BatchResult> InferenceSession::run_batch(std::span<const NamedTensors> items,
                                                     const RunOptions& options) const {
  return run_items(*state_, items, options);
}

std::vector<BatchResult> InferenceSession::run_batch(std::span<const std::vector<Tensor>> items,
                                                     const RunOptions& options) const {
  return run_items(*state_, items, options);
}

std::vector<BatchResult> InferenceSession::run_batch(const NamedTensors& rows,
                                                     const RunOptions& options) const {
  const std::vector<Tensor> inputs = take_inputs(*state_, rows);
  const auto count = [](const Tensor& input) {
    return input.shape().rank() == 0 ? int64_t{-1} : input.shape()[0];
  };
  std::vector<SessionJobs::Item> items;
  if (!inputs.empty()) items.resize(static_cast<size_t>(std::max<int64_t>(count(inputs[0]), 0)));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (count(inputs[i]) < 0 || count(inputs[i]) != count(inputs[0])) {
      throw InvalidArgumentError(
          "input '" + state_->info.inputs[i].name + "' is " + to_string(inputs[i]) +
          ": expected as many rows as the other inputs have (" + state_->where + ")");
    }
    for (size_t row = 0; row < items.size(); ++row) {
      const auto begin = static_cast<int64_t>(row);
      items[row].inputs.push_back(inputs[i].slice(begin, begin + 1));
    }
  }
  return state_->jobs->run_batch(std::move(items), options);
}

}  // namespace xpuruntime
