#include "provider/embedded_schema.hpp"

#include "base/bytes.hpp"
#include "schema/schema_image.hpp"

namespace slwmi::licensing {

ByteSpan embedded_schema_bytes();  // made by slwmi_mofc

const cim::RepositoryPtr& embedded_schema() {
  static const cim::RepositoryPtr kSchema = [] {
    auto image = cim::SchemaImage::open(embedded_schema_bytes(), nullptr, nullptr,
                                        cim::SchemaImage::Origin::kProgram);
    return image ? std::make_shared<const cim::Repository>(*std::move(image))
                 : std::make_shared<const cim::Repository>();
  }();
  return kSchema;
}

}  // namespace slwmi::licensing
