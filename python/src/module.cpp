// SPDX-License-Identifier: Apache-2.0
#include "array.h"
#include "bindings.h"
#include "interrupt.h"
#include "xpuruntime/version.h"

// Errors first and values before what takes them, so that every signature names its types.
NB_MODULE(_core, m) {
  using namespace xpuruntime::python;
  import_numpy();
  MainRun::note_main_thread();
  bind_error(m);
  bind_dtype(m);
  bind_device(m);
  bind_tensor(m);
  bind_model_info(m);
  bind_cache(m);
  bind_kernel_policy(m);
  bind_report(m);
  bind_memory_pool(m);
  bind_engine_registry(m);
  bind_io_binding(m);
  bind_statistics(m);
  bind_profiler(m);
  bind_job(m);
  bind_session(m);
  bind_stream(m);
  m.def("version", &xpuruntime::version, "The version of the library that is loaded.");
}
