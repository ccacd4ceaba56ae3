// A non-owning reference to a callable: two words, no allocation. The callable must outlive the
// reference, so take it as a parameter and never store it.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace slwmi {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F,
            class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> &&
                                     std::is_invocable_r_v<R, F&, Args...>>>
  // NOLINTNEXTLINE(google-explicit-constructor): callables are passed as they are
  FunctionRef(F&& callable) noexcept {
    if constexpr (std::is_function_v<std::remove_pointer_t<std::remove_reference_t<F>>>) {
      target_.function = reinterpret_cast<void (*)()>(+callable);
      call_ = [](Target target, Args... args) -> R {
        auto* function = reinterpret_cast<std::decay_t<F>>(target.function);
        return static_cast<R>(function(std::forward<Args>(args)...));
      };
    } else {
      target_.object = const_cast<void*>(static_cast<const void*>(std::addressof(callable)));
      call_ = [](Target target, Args... args) -> R {
        auto& object = *static_cast<std::remove_reference_t<F>*>(target.object);
        return static_cast<R>(object(std::forward<Args>(args)...));
      };
    }
  }

  R operator()(Args... args) const { return call_(target_, std::forward<Args>(args)...); }

 private:
  union Target {
    void* object;
    void (*function)();
  };
  Target target_{};
  R (*call_)(Target, Args...) = nullptr;
};

}  // namespace slwmi
