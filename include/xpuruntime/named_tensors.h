// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// Tensors by name, in an order: what a run takes and gives. Results keep the model's order. Names
/// are shared between results of one session, so that a result costs no strings.
class XPURT_API NamedTensors {
 public:
  using Names = std::shared_ptr<const std::vector<std::string>>;

  NamedTensors() = default;
  NamedTensors(std::initializer_list<std::pair<std::string, Tensor>> entries);
  NamedTensors(const std::map<std::string, Tensor>& entries);  // NOLINT: a map is one on purpose
  /// Throws InvalidArgumentError when the counts differ.
  NamedTensors(Names names, std::vector<Tensor> tensors);

  size_t size() const noexcept { return tensors_.size(); }
  bool empty() const noexcept { return tensors_.empty(); }
  /// Throws InvalidArgumentError, naming what there is, when there is no such name.
  const Tensor& at(std::string_view name) const;
  const Tensor* find(std::string_view name) const noexcept;
  bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }
  /// Adds a tensor, or replaces the one of that name.
  void set(std::string_view name, Tensor tensor);

  const std::string& name(size_t i) const noexcept { return (*names_)[i]; }
  const Tensor& operator[](size_t i) const noexcept { return tensors_[i]; }
  const Names& names() const noexcept { return names_; }
  const std::vector<Tensor>& tensors() const noexcept { return tensors_; }

  /// Iterates as `for (auto [name, tensor] : outputs)`.
  class Iterator {
   public:
    Iterator(const NamedTensors* owner, size_t i) noexcept : owner_(owner), i_(i) {}
    std::pair<const std::string&, const Tensor&> operator*() const noexcept {
      return {owner_->name(i_), (*owner_)[i_]};
    }
    Iterator& operator++() noexcept {
      ++i_;
      return *this;
    }
    bool operator==(const Iterator&) const noexcept = default;

   private:
    const NamedTensors* owner_;
    size_t i_;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size()}; }

 private:
  friend class IOBinding;  // renews its results in place
  Names names_;
  std::vector<Tensor> tensors_;
};

}  // namespace xpuruntime
