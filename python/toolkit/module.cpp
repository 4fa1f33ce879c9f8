// SPDX-License-Identifier: Apache-2.0
#include "bindings.h"

// Values before what takes them, so that every signature names its types; those of the core, and
// how its errors are raised, are the other module's.
NB_MODULE(_toolkit, m) {
  using namespace xpuruntime::python;
  nb::module_::import_("xpuruntime._core");
  bind_agreement(m);
  bind_summary(m);
  bind_machine(m);
  bind_preprocessing(m);
  bind_inference_service(m);
  bind_devices(m);
  bind_compare(m);
  bind_convert(m);
  bind_gate(m);
  bind_tune(m);
}
