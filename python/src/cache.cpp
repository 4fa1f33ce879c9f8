// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/cache.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>

#include "bindings.h"
#include "xpuruntime/report.h"

namespace xpuruntime::python {
namespace {

void bind_cache_report(nb::module_& m) {
  nb::enum_<CacheOutcome>(m, "CacheOutcome", "What became of the cache when a session was opened.")
      .value("OFF", CacheOutcome::kOff, "Not asked, or the engine saves no compiled models.")
      .value("HIT", CacheOutcome::kHit, "The compiled model came from the cache.")
      .value("STORED", CacheOutcome::kStored, "Built and stored.")
      .value("REBUILT", CacheOutcome::kRebuilt,
             "The entry could not be used: built and stored again.")
      .value("NOT_STORED", CacheOutcome::kNotStored, "Built; the reason says why not stored.");
  nb::class_<CacheReport>(m, "CacheReport", "Where the compiled model of a session came from.")
      .def_ro("outcome", &CacheReport::outcome)
      .def_ro("entry", &CacheReport::entry, "Its file; \"\" where there can be none.")
      .def_ro("reason", &CacheReport::reason, "Why it was built again, or not stored.")
      .def("__repr__", [](const CacheReport& self) {
        return std::string("<xpuruntime.CacheReport ") + to_string(self.outcome) +
               (self.reason.empty() ? "" : ": " + self.reason) + ">";
      });
}

double seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;

void bind_model_cache(nb::module_& m) {
  nb::class_<CacheEntry>(m, "CacheEntry",
                         "A compiled model in a cache folder, as its header tells.")
      .def_ro("path", &CacheEntry::path)
      .def_ro("key", &CacheEntry::key, "SHA-256 of the parts, in hexadecimal.")
      .def_ro("parts", &CacheEntry::parts, "JSON: all that the key is made of.")
      .def_ro("model", &CacheEntry::model, "The name that it was opened by, for people.")
      .def_ro("engine", &CacheEntry::engine, "With its version.")
      .def_ro("device", &CacheEntry::device)
      .def_ro("bytes", &CacheEntry::bytes, "Of the whole file.")
      .def_prop_ro(
          "last_used", [](const CacheEntry& self) { return seconds_of(self.last_used); },
          "Seconds since 1970, as of ``time.time()``.")
      .def_ro("problem", &CacheEntry::problem,
              "Why it cannot be used; \"\": nothing was found wrong.")
      .def("__repr__", [](const CacheEntry& self) {
        return "<xpuruntime.CacheEntry " + self.engine + " on " + self.device + ": " + self.model +
               ", " + std::to_string(self.bytes) + " bytes" +
               (self.problem.empty() ? "" : ", unusable: " + self.problem) + ">";
      });
  nb::class_<ModelCache>(m, "ModelCache",
                         "A folder of compiled models. Several processes may use one at a time.\n\n"
                         "Parameters\n----------\n"
                         "folder : path-like, optional\n"
                         "    None: the user's own (``XPURT_CACHE_DIR``, else ``xpuruntime`` in\n"
                         "    ``XDG_CACHE_HOME`` or ``~/.cache``).")
      .def(
          "__init__",
          [](ModelCache* self, const std::optional<std::filesystem::path>& folder) {
            new (self) ModelCache(folder ? *folder : ModelCache::default_folder());
          },
          nb::arg("folder") = nb::none(),
          nb::sig("def __init__(self, folder: str | os.PathLike[str] | None = None) -> None"))
      .def_prop_ro("folder", &ModelCache::folder)
      .def("entries", &ModelCache::entries, ReleaseGil(),
           "The entries, the one used last first; those with a header that cannot be read have a\n"
           "problem.\n\nRaises\n------\nUnavailableError\n    The folder is there and cannot be "
           "read.")
      .def("verify", &ModelCache::verify, ReleaseGil(),
           "The same with every byte checked against the checksum.")
      .def("rebuilds", &ModelCache::rebuilds, ReleaseGil(),
           "Entries that could not be used and were built again, by any process: a line each that\n"
           "says when (ISO 8601, UTC), which and why, the latest last. Begins anew after a MiB.")
      .def("prune", &ModelCache::prune, nb::arg("max_bytes"), ReleaseGil(),
           "Removes those used longest ago until the rest takes at most `max_bytes`, and first "
           "those\n"
           "with a problem and what killed writers left behind. Returns what it removed.");
  m.def("default_cache_bytes", &default_cache_bytes,
        "Bytes that the user's own folder may take: ``XPURT_CACHE_BYTES``, else 5 GiB.");
}

}  // namespace

void bind_cache(nb::module_& m) {
  bind_cache_report(m);
  bind_model_cache(m);
}

}  // namespace xpuruntime::python
