// SPDX-License-Identifier: Apache-2.0
/// How a parent and the worker that it starts find one another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "address.h"
#include "channel.h"
#include "messages.h"

namespace xpuruntime::worker {

enum class Transport { kSharedMemory, kUnix, kTcp, kPipe, kGrpc, kJsonFile };

std::string_view name_of(Transport transport);
std::optional<Transport> transport_named(std::string_view name);
/// All of them, the default first.
std::vector<std::string> transport_names();

/// The environment variable of the token.
inline constexpr const char* kTokenVariable = "XPURT_WORKER_TOKEN";
/// The descriptor that a worker inherits.
inline constexpr int kInherited = 3;

/// A parent's end before the worker is there: what the worker is to be started with.
class ParentEnd {
 public:
  virtual ~ParentEnd() = default;
  /// `address`: where the user wants it, which outlives it; null: anywhere. Throws
  /// TransportFailure, NotInstalled.
  static std::unique_ptr<ParentEnd> make(Transport transport, const Address* address = nullptr);

  /// For the command line of the worker.
  virtual std::vector<std::string> arguments() const = 0;
  /// To be the worker's descriptor kInherited; -1 for none.
  virtual int inherited() const { return -1; }
  /// To be in the worker's environment as kTokenVariable; "" for none.
  virtual std::string token() const { return ""; }
  /// Once the worker was started: waits for it and shakes hands. `lives` tells whether it still
  /// does. Throws TimedOut, PeerGone, BadFrame, NotInstalled (what the worker misses).
  virtual std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& lives,
                                           Hello& hello) = 0;
};

/// What a worker's command line says of the transport.
struct WorkerArguments {
  std::string transport{};
  int descriptor = -1;     ///< --fd
  std::string address{};   ///< --connect
  std::string requests{};  ///< --requests
  std::string replies{};   ///< --replies
  std::string folder{};    ///< --folder
};

/// A worker's end. Throws TransportFailure, NotInstalled, and BadFrame for arguments that do not
/// fit.
std::unique_ptr<Channel> open_worker_end(const WorkerArguments& arguments);

}  // namespace xpuruntime::worker
