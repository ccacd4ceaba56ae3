#include "world/watch_scene.hpp"

namespace slwmi::world {

Scene::Scene(Principal caller, std::string ns) : caller_(std::move(caller)), ns_(std::move(ns)) {}

void Scene::show(const Picture& picture) {
  const bool other_host = picture.host != picture_.host;
  const bool other_classes =
      picture.definitions != picture_.definitions || picture.version != picture_.version;
  picture_ = picture;
  store_->shown = picture.view;
  if (other_host) {
    host_ = *picture.host;
    host_.store = store_;
  }
  if (catalog_ == nullptr || other_classes) {
    catalog_ = std::make_unique<NamespaceCatalog>(picture.definitions->schema, picture.version, ns_,
                                                  host_);
  }
}

void Scene::set_time(FileTime time) {
  clock_.time = time;
  clock_.asked = false;
}

}  // namespace slwmi::world
