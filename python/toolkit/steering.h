// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "../src/gil.h"
#include "bindings.h"

namespace xpuruntime::python {

/// Tells Python how far something long is, and asks it whether to go on: Ctrl-C or an error of the
/// callback end it and are raised, False ends it with what there is.
class Steering {
 public:
  explicit Steering(nb::handle callback) : callback_(callback) {}

  /// Asked between runs; taking the GIL as often would be most of a short one.
  bool should_stop() {
    if (stopped_ || Clock::now() < next_look_) return stopped_;
    guarded([] {});
    return stopped_;
  }

  /// `told`: what the callback is called with.
  template <typename... Told>
  void tell(const Told&... told) {
    if (callback_.is_none() || stopped_) return;
    guarded([&] {
      const nb::object go_on = callback_(told...);
      stopped_ = !go_on.is_none() && !nb::cast<bool>(nb::bool_(go_on));
    });
  }

  void rethrow() {
    if (error_) throw nb::python_error(std::move(*error_));
  }

 private:
  using Clock = std::chrono::steady_clock;

  template <typename Body>
  void guarded(Body&& body) {
    const GilAcquire gil;
    try {
      if (PyErr_CheckSignals() != 0) nb::raise_python_error();
      body();
    } catch (nb::python_error& error) {
      error_.emplace(std::move(error));
      stopped_ = true;
    }
    next_look_ = Clock::now() + std::chrono::milliseconds(50);
  }

  nb::handle callback_;
  Clock::time_point next_look_{};
  bool stopped_ = false;
  std::optional<nb::python_error> error_;
};

}  // namespace xpuruntime::python
