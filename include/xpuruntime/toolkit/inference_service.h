// SPDX-License-Identifier: Apache-2.0
/// Pictures in, pictures out, from a model that can be exchanged while it is used. Link
/// xpuruntime::toolkit.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "xpuruntime/export.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/tensor.h"
#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::toolkit {

/// Which kind of engine a service runs: one of this library's, or `python` in its worker process.
enum class ServiceType : int32_t { kNative = 0, kPython = 1 };

/// "native", "python".
XPURT_API const char* to_string(ServiceType type) noexcept;
/// The type of that name; throws InvalidArgumentError for another.
XPURT_API ServiceType service_type(const std::string& name);

/// By the file: what only Python can load (state dicts, `.npz` weights, "module:function") or is
/// given a model_factory is kPython; the engine, where the config names one, decides first.
XPURT_API ServiceType service_type_of(const std::filesystem::path& model,
                                      const SessionConfig& config = {});

struct ServiceConfig {
  SessionConfig session{};
  /// How pictures become inputs; none: as the notes beside the model say, else whole pictures from
  /// 0 to 1.
  std::optional<Preprocessing> preprocessing{};
  /// How the model's pictures would be inputs again, which is undone; none: as `preprocessing`.
  std::optional<Preprocessing> output{};
};

struct ServiceInfo {
  ServiceType type = ServiceType::kNative;
  ModelInfo model{};
  SessionReport session{};  ///< what was asked for and what runs
  Preprocessing preprocessing{};
};

/// Counts are of the service's life, over all its models; the rest is of the model that runs now.
struct ServiceStatistics {
  uint64_t inferences = 0;            ///< pictures given back
  uint64_t failures = 0;              ///< requests that threw
  uint64_t switches = 0;              ///< models that took over from another
  uint32_t open_sessions = 0;         ///< with the old ones that still finish requests
  std::chrono::nanoseconds total{0};  ///< of the inferences, from picture to picture
  std::chrono::nanoseconds average{0};
  std::chrono::nanoseconds last{0};
  uint64_t memory_bytes = 0;  ///< as Candidate::memory_bytes, over the load
  std::string engine{};       ///< that runs; "" while nothing is loaded
  std::string engine_version{};
  Device device{};
};

/// Thread-safe. Requests that run while the model is exchanged or the service closed finish on the
/// session that they began on, which closes with the last of them.
class XPURT_API InferenceService {
 public:
  /// Nothing is loaded yet.
  explicit InferenceService(std::filesystem::path model, ServiceConfig config = {});
  /// The factory: one that is loaded, of the type asked for, or by the file. What fails to load
  /// leaves nothing behind: no session, no process. Throws as load().
  static InferenceService open(const std::filesystem::path& model, const ServiceConfig& config = {},
                               std::optional<ServiceType> type = std::nullopt);
  InferenceService(InferenceService&&) noexcept;
  InferenceService& operator=(InferenceService&&) noexcept;
  ~InferenceService();  ///< close()

  /// Loads the model, where that has not been done. Throws what a session's constructor throws, and
  /// InvalidArgumentError for a model that has not one input.
  void load();
  bool available() const noexcept;  ///< Is a model loaded?
  ServiceType type() const;         ///< of the model that runs, or that load() would load
  ServiceInfo info() const;         ///< Throws InvalidStateError: nothing is loaded.
  ServiceStatistics statistics() const;

  /// uint8 [height, width, 3] (RGB), [height, width, 1] or [height, width] (grey) through the
  /// model; its first output as uint8 [height, width, C]. Throws InvalidStateError (nothing is
  /// loaded), InvalidArgumentError (no picture, or the output is none), what a run throws.
  Tensor predict_image(const Tensor& image) const;

  /// Loads another model beside the one that runs, then sends new requests there. A model that
  /// fails to load changes nothing. Throws as load().
  void switch_to(const std::filesystem::path& model, const ServiceConfig& config = {});
  /// Takes no more requests; load() opens the last model again. Waits for nobody.
  void close() noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime::toolkit
