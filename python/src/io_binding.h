// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "xpuruntime/device.h"
#include "xpuruntime/error.h"
#include "xpuruntime/io_binding.h"

namespace xpuruntime::python {

/// An IOBinding that refuses a second thread, which the GIL no longer keeps out during a run.
class Binding {
 public:
  Binding(IOBinding binding, Device device) : binding_(std::move(binding)), device_(device) {}

  /// Use of the binding by one caller, begun and ended with the GIL.
  class Use {
   public:
    explicit Use(Binding& binding) : binding_(binding) {
      if (binding_.in_use_) throw InvalidStateError("the binding is in use by a run");
      binding_.in_use_ = true;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { binding_.in_use_ = false; }
    IOBinding* operator->() const noexcept { return &binding_.binding_; }
    IOBinding& operator*() const noexcept { return binding_.binding_; }

   private:
    Binding& binding_;
  };

  Device device() const noexcept { return device_; }  ///< of the session

 private:
  IOBinding binding_;
  Device device_;
  bool in_use_ = false;
};

}  // namespace xpuruntime::python
