// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// A dimension: a letter, or one of those that "..." stands for, counted from the right.
using Label = int;
using Labels = std::vector<Label>;
constexpr Label kFirstOfEllipsis = 1000;

/// The labels of a term; `rank` says how many dimensions "..." stands for.
Labels read_term(const Call& call, std::string_view term, size_t rank) {
  Labels labels;
  for (size_t i = 0; i < term.size(); ++i) {
    const char letter = term[i];
    if (letter == '.') {
      const size_t named = term.size() - 3;
      if (term.substr(i, 3) != "..." || rank < named) call.fail("the equation's dots do not fit");
      for (size_t k = rank - named; k-- > 0;) {
        labels.push_back(kFirstOfEllipsis + static_cast<Label>(k));
      }
      i += 2;
    } else if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) {
      labels.push_back(letter);
    } else {
      call.fail("the equation has a '" + std::string(1, letter) + "'");
    }
  }
  return labels;
}

struct Equation {
  std::vector<Labels> inputs;
  Labels output;
  std::map<Label, int64_t> dims;
};

void add_term(const Call& call, Equation& equation, std::string_view term) {
  const size_t i = equation.inputs.size();
  const Shape& shape = call.input(i).shape();
  const Labels& labels = equation.inputs.emplace_back(read_term(call, term, shape.size()));
  if (labels.size() != shape.size()) {
    call.fail("term " + std::to_string(i) + " has not the dimensions of the input");
  }
  for (size_t d = 0; d < labels.size(); ++d) {
    int64_t& dim = equation.dims.emplace(labels[d], 1).first->second;
    if (dim == 1) dim = shape[d];
    if (shape[d] != 1 && shape[d] != dim) call.fail("dimensions of one letter differ");
  }
}

/// Without "->" the output has "..." and the letters that occur once, in their order.
Equation read_equation(const Call& call) {
  std::string text = call.string_or("equation", "");
  std::erase(text, ' ');
  const size_t arrow = text.find("->");
  std::string_view terms = std::string_view(text).substr(0, arrow);
  Equation equation;
  for (size_t i = 0; i < call.input_count(); ++i) {
    const size_t comma = terms.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == call.input_count())) {
      call.fail("the equation has not one term an input");
    }
    add_term(call, equation, terms.substr(0, comma));
    terms = terms.substr(comma == std::string_view::npos ? terms.size() : comma + 1);
  }
  size_t dotted = 0;
  for (const auto& [label, dim] : equation.dims) dotted += label >= kFirstOfEllipsis ? 1 : 0;
  if (arrow != std::string::npos) {
    const std::string_view term = std::string_view(text).substr(arrow + 2);
    const size_t named = term.size() - (term.find('.') == std::string_view::npos ? 0 : 3);
    equation.output = read_term(call, term, named + dotted);
    Labels sorted = equation.output;
    std::ranges::sort(sorted);
    const bool is_known =
        std::ranges::all_of(sorted, [&](Label label) { return equation.dims.contains(label); });
    if (!is_known || std::ranges::adjacent_find(sorted) != sorted.end()) {
      call.fail("the equation's output has a letter twice, or one that no input has");
    }
    return equation;
  }
  for (size_t k = dotted; k-- > 0;) {
    equation.output.push_back(kFirstOfEllipsis + static_cast<Label>(k));
  }
  for (const auto& [label, dim] : equation.dims) {
    std::ptrdiff_t count = 0;
    for (const Labels& labels : equation.inputs) count += std::ranges::count(labels, label);
    if (label < kFirstOfEllipsis && count == 1) equation.output.push_back(label);
  }
  return equation;
}

/// Of `shape` for each of `labels`; a letter that comes twice goes along the diagonal.
Strides strides_for(const Labels& labels, const Labels& of, const Shape& shape) {
  const Strides dense = strides_of(shape);
  Strides strides(labels.size(), 0);
  for (size_t i = 0; i < labels.size(); ++i) {
    for (size_t d = 0; d < of.size(); ++d) {
      if (of[d] == labels[i] && shape[d] != 1) strides[i] += dense[d];
    }
  }
  return strides;
}

int64_t offset_at(const Shape& index, const Strides& strides) {
  int64_t offset = 0;
  for (size_t d = 0; d < index.size(); ++d) offset += index[d] * strides[d];
  return offset;
}

}  // namespace

/// Sums of products over the letters that the output has not.
void einsum(Call& call) {
  const Equation equation = read_equation(call);
  Labels summed;
  Shape shape, summed_shape;
  for (const Label label : equation.output) shape.push_back(equation.dims.at(label));
  for (const auto& [label, dim] : equation.dims) {
    if (std::ranges::find(equation.output, label) != equation.output.end()) continue;
    summed.push_back(label);
    summed_shape.push_back(dim);
  }
  const size_t count = call.input_count();
  std::vector<Strides> outer, inner;
  for (size_t i = 0; i < count; ++i) {
    if (call.input(i).dtype() != call.input(0).dtype()) call.fail("the inputs' dtypes differ");
    outer.push_back(strides_for(equation.output, equation.inputs[i], call.input(i).shape()));
    inner.push_back(strides_for(summed, equation.inputs[i], call.input(i).shape()));
  }
  Tensor& y = call.output(0, call.input(0).dtype(), shape);
  call.dispatch(y.dtype(), Numbers{}, [&]<typename T>() {
    T* to = y.values<T>();
    Walk<1> term(summed_shape, {Strides(summed.size(), 0)});
    for (Walk<1> at(shape, {Strides(shape.size(), 0)}); at.more(); at.next()) {
      Sum<T> sum{};
      for (term.restart(); term.more(); term.next()) {
        Sum<T> factor{1};
        for (size_t i = 0; i < count; ++i) {
          const int64_t offset =
              offset_at(at.index(), outer[i]) + offset_at(term.index(), inner[i]);
          factor *= static_cast<Sum<T>>(widen(call.input(i).values<T>()[offset]));
        }
        sum += factor;
      }
      *to++ = narrow<T>(sum);
    }
  });
}

}  // namespace xpuruntime::reference
