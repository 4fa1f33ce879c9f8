// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "supervisor.h"
#include "worker/run_memo.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::worker_engine {

/// "cpu", "cuda:0". Throws Failure for a device that the seam has not.
xpurt_device device_of(const std::string& text);
std::string to_string(xpurt_device device);

/// A model that lives in a worker process.
class WorkerModel : public engine::Model {
 public:
  WorkerModel(const Target& target, const engine::LoadArgs& args);
  const engine::ModelSpec& spec() const override { return spec_; }
  std::unique_ptr<engine::Context> create_context() override;

 private:
  std::shared_ptr<Supervisor> supervisor_;
  engine::ModelSpec spec_;
};

/// Sends runs to the worker and waits for them.
class WorkerContext : public engine::Context {
 public:
  WorkerContext(std::shared_ptr<Supervisor> supervisor, const engine::ModelSpec& spec);
  void run(const engine::RunArgs& args) override;
  void cancel(uint64_t run_id) noexcept override;

 private:
  using Request = worker::Connection::Request;
  class Running;

  void check(const engine::RunArgs& args) const;
  std::vector<worker::TensorPlace> places_of(const engine::RunArgs& args) const;
  void write_inputs(const engine::RunArgs& args, std::span<const worker::TensorPlace> places,
                    std::span<std::byte> payload) const;
  worker::Message exchange(const engine::RunArgs& args, LiveWorker& worker);
  worker::Message wait(LiveWorker& worker, Request& request) const;
  void deliver(const engine::RunArgs& args, const worker::Message& reply);
  void deliver(const engine::RunArgs& args, uint32_t i, const worker::TensorPlace& place,
               const std::shared_ptr<worker::Block>& payload) const;

  const std::shared_ptr<Supervisor> supervisor_;
  const std::vector<engine::TensorSpec> inputs_;
  const std::vector<engine::TensorSpec> outputs_;
  worker::RunMemo memo_;
  mutable std::mutex mutex_;
  uint64_t run_id_ = 0;           ///< of the run that goes on; 0: none
  LiveWorker* worker_ = nullptr;  ///< that does it, once it has been asked
  Request* request_ = nullptr;    ///< that asks for it
  std::optional<worker::TimePoint> cancelled_{};
};

}  // namespace xpuruntime::worker_engine
