// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "channel.h"
#include "error.h"
#include "messages.h"

namespace xpuruntime::worker {

/// A parent's part: takes the worker's hello and answers it. Throws BadFrame (also for a token that
/// is not `token`), PeerGone, TimedOut.
Hello welcome_worker(Channel& channel, const std::string& token, TimePoint until);
/// A worker's part. Throws as above.
void greet_parent(Channel& channel, const Hello& hello, TimePoint until);
/// Tells the other side what was wrong with what it sent, if it can still be told.
void refuse(Channel& channel, const BadFrame& error) noexcept;

}  // namespace xpuruntime::worker
