// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

namespace xpuruntime::xpurt {

/// While one exists, the first SIGINT or SIGTERM is noted rather than deadly; a second one ends the
/// program as ever. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const noexcept;

 private:
  struct sigaction before_int_{};
  struct sigaction before_term_{};
};

}  // namespace xpuruntime::xpurt
