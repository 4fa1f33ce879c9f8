// SPDX-License-Identifier: Apache-2.0
/// What frames say in JSON, as structs. Reading throws BadFrame: no JSON, a member that is missing
/// or of another type; members that are not known are passed over.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame.h"
#include "tensors.h"

namespace xpuruntime::worker {

struct Hello {
  int32_t protocol = kProtocolVersion;
  std::string worker{};  ///< program and version
  int64_t pid = 0;
  std::string token{};
};

struct Welcome {
  int32_t protocol = kProtocolVersion;
  uint64_t max_payload = kMaxPayloadBytes;
};

struct EngineOption {
  std::string name{};
  std::string type{};  ///< "bool", "int", "float", "string"
  std::string default_value{};
  std::string doc{};
  std::vector<std::string> choices{};
};

/// The reply to info.
struct EngineFacts {
  std::string engine{};
  std::string version{};
  std::string adapter_version{};
  std::string path{};
  std::vector<std::string> formats{};
  std::vector<std::string> devices{};
  std::vector<EngineOption> options{};
};

struct LoadRequest {
  std::string engine{};
  std::string device{};
  std::string path{};  ///< "": the payload is the model
  std::string base_folder{};
  int32_t threads = 0;
  uint32_t contexts = 0;
  std::map<std::string, std::string> options{};
  std::map<std::string, std::vector<int64_t>> shapes{};
  std::vector<std::string> extra_outputs{};
  std::string cache_dir{};
};

struct TensorFacts {
  std::string name{};
  int32_t kind = 1;
  int32_t dtype = 0;
  bool has_rank = true;
  std::vector<int64_t> shape{};
  std::vector<std::string> dim_names{};
};

/// What became of the worker's cache.
struct CacheFacts {
  std::string outcome{};  ///< "off", "hit", "stored", "rebuilt", "not stored"
  std::string entry{};
  std::string reason{};

  bool operator==(const CacheFacts&) const = default;
};

/// The reply to load.
struct LoadedFacts {
  std::string engine{};
  std::string version{};
  std::string device{};
  int32_t threads = 1;
  uint32_t parallelism = 1;
  double load_time = 0;
  int64_t pid = 0;
  std::map<std::string, int64_t> placement{};
  CacheFacts cache{.outcome = "off"};
  std::vector<TensorFacts> inputs{};
  std::vector<TensorFacts> outputs{};
  std::map<std::string, std::string> metadata{};
  int64_t opset = 0;
  std::string producer{};
};

struct Copied {
  std::string what{};
  uint64_t bytes = 0;
  std::string why{};

  bool operator==(const Copied&) const = default;
};

/// A run, or the reply to one.
struct RunTensors {
  std::vector<TensorPlace> tensors{};
  std::optional<double> timeout{};  ///< of a request, in seconds
  std::vector<Copied> copies{};     ///< of a reply

  bool operator==(const RunTensors&) const = default;
};

struct WorkerStats {
  int64_t pid = 0;
  double uptime = 0;
  uint64_t runs = 0;
  uint64_t failed = 0;
  double last_run_time = 0;
  double average_run_time = 0;
  uint64_t resident_bytes = 0;
  uint64_t peak_resident_bytes = 0;
  std::string engine{};
  std::string device{};
};

struct DeviceQuestion {
  std::string device{};
  std::string engine{};
};

struct DeviceTest {
  std::string engine{};
  std::string result{};  ///< "passed", "failed", "not tested"
  std::string reason{};
};

/// As `xpurt devices --json` tells of a device.
struct DeviceFacts {
  std::string name{};
  std::string driver{};
  uint64_t memory_bytes = 0;
  uint64_t free_bytes = 0;
  std::string compute_capability{};
  uint32_t cores = 0;
  std::optional<double> cpu_quota{};
  std::vector<std::string> features{};
  std::vector<DeviceTest> tests{};
  bool fit = false;
};

/// The reply to check_device.
struct DeviceAnswer {
  std::string device{};
  bool available = false;
  std::string reason{};
  DeviceFacts facts{};
};

struct ErrorFacts {
  std::string error{};  ///< a class of the error table
  std::string message{};
  int64_t native_code = 0;
  bool retryable = false;
  uint64_t asked = 0;
  uint64_t available = 0;
};

struct Progress {
  std::string phase{};
  uint64_t done = 0;
  uint64_t total = 0;
};

struct LogLine {
  std::string level{};
  std::string text{};
};

/// As one line of JSON; text that is no UTF-8 is mended.
template <typename Content>
std::string to_json(const Content& content);
/// Throws BadFrame.
template <typename Content>
Content from_json(std::string_view json);
/// The member `name` of an object that holds one text, as of {"engine": "onnxrt"} and
/// {"state": "ready"}. Throws BadFrame.
std::string text_member(std::string_view json, const char* name);
std::string text_object(const char* name, std::string_view text);

}  // namespace xpuruntime::worker
