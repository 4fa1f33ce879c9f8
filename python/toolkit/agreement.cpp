// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/agreement.h"

#include <nanobind/operators.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"

namespace xpuruntime::python {
namespace {

using toolkit::Agreement;
using toolkit::Difference;
using toolkit::Tolerance;

void make_tolerance(Tolerance* self, double relative, double absolute, bool bitwise) {
  const Tolerance made{.relative = relative, .absolute = absolute, .bitwise = bitwise};
  toolkit::check_tolerance(made);
  new (self) Tolerance(made);
}

}  // namespace

void bind_agreement(nb::module_& m) {
  constexpr Tolerance kDefault;
  nb::class_<Tolerance>(
      m, "Tolerance",
      "When an element agrees: ``|actual - reference| <= absolute + relative * |reference|``, "
      "both\n"
      "are NaN, or both are the same infinity. Integers, bools and strings have to be equal.\n\n"
      "Parameters\n----------\n"
      "relative, absolute : float\n    0 or more.\n"
      "bitwise : bool\n    The very bits, of zeros and NaN too; the figures count for nothing.\n\n"
      "Raises\n------\nInvalidArgumentError\n    A figure is negative or NaN.")
      .def("__init__", &make_tolerance, nb::arg("relative") = kDefault.relative,
           nb::arg("absolute") = kDefault.absolute, nb::arg("bitwise") = false)
      .def_static("of_policy", &toolkit::tolerance_of_policy, nb::arg("policy"),
                  "\"exact\" (bitwise), \"strict\" (rtol 1e-3, atol 1e-5) or \"relaxed\" (1e-2, "
                  "1e-3).\n\nRaises InvalidArgumentError for another name.")
      .def_ro("relative", &Tolerance::relative)
      .def_ro("absolute", &Tolerance::absolute)
      .def_ro("bitwise", &Tolerance::bitwise)
      .def(nb::self == nb::self, nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Tolerance& self) {
             return nb::hash(nb::make_tuple(self.relative, self.absolute, self.bitwise));
           })
      .def("__repr__", [](const Tolerance& self) {
        return "<xpuruntime.toolkit.Tolerance " + toolkit::to_string(self) + ">";
      });
  nb::class_<Difference>(m, "Difference", "An element that disagrees.")
      .def_ro("element", &Difference::element, "Counted in row-major order.")
      .def_ro("index", &Difference::index, "The same, one number a dimension.")
      .def_ro("actual", &Difference::actual,
              "As the shortest text that reads back as the same value.")
      .def_ro("reference", &Difference::reference)
      .def("__str__", [](const Difference& self) { return to_string(self); })
      .def("__repr__", [](const Difference& self) {
        return "<xpuruntime.toolkit.Difference at " + to_string(self) + ">";
      });
  nb::class_<Agreement>(m, "Agreement",
                        "How far one tensor is from another.\n\n"
                        "Errors and cosine are over the elements that are finite in both; strings "
                        "have none. A score\n"
                        "is a float tensor whose last dimension is 2 or more: each row along it is "
                        "taken as one value\n"
                        "a class.")
      .def_ro("elements", &Agreement::elements)
      .def_ro("disagreeing", &Agreement::disagreeing, "Elements outside the tolerance.")
      .def_ro("first_difference", &Agreement::first_difference)
      .def_ro("max_absolute_error", &Agreement::max_absolute_error)
      .def_ro("mean_absolute_error", &Agreement::mean_absolute_error)
      .def_ro("max_relative_error", &Agreement::max_relative_error,
              "``|actual - reference| / |reference|``, where that is not 0.")
      .def_ro("mean_relative_error", &Agreement::mean_relative_error)
      .def_ro("cosine_similarity", &Agreement::cosine_similarity,
              "None where one of the two is 0 everywhere.")
      .def_ro("rows", &Agreement::rows, "Of a score; 0: it is none.")
      .def_ro("rows_same_argmax", &Agreement::rows_same_argmax,
              "The first of equal maxima counts, NaN never.")
      .def_ro(
          "top5_overlap", &Agreement::top5_overlap,
          "Of a score of 6 or more: the share of the reference's five largest of a row that are\n"
          "among the other's five largest, over all rows.")
      .def_ro("actual_nan", &Agreement::actual_nan)
      .def_ro("actual_infinite", &Agreement::actual_infinite)
      .def_ro("reference_nan", &Agreement::reference_nan)
      .def_ro("reference_infinite", &Agreement::reference_infinite)
      .def_prop_ro("agrees", &Agreement::agrees)
      .def("__repr__", [](const Agreement& self) {
        return "<xpuruntime.toolkit.Agreement: " + std::to_string(self.disagreeing) + " of " +
               std::to_string(self.elements) + " elements differ>";
      });
  m.def("measure_agreement", &toolkit::measure_agreement, nb::arg("actual"), nb::arg("reference"),
        nb::arg("tolerance") = kDefault,
        nb::sig("def measure_agreement(actual: xpuruntime.Tensor, reference: xpuruntime.Tensor, "
                "tolerance: Tolerance = ...) -> Agreement"),
        "Compares element by element.\n\n"
        "Raises InvalidArgumentError when dtype or shape differ.");
}

}  // namespace xpuruntime::python
