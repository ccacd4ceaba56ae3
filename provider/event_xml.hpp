// Records as XML in the schema in which Windows exports events,
// http://schemas.microsoft.com/win/2004/08/events/event: what `wevtutil qe /f:xml` prints, with the
// message under RenderingInfo as Event Viewer saves it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "provider/event_record.hpp"

namespace slwmi::licensing {

// A document is the head, any number of events, and the foot. UTF-8; what XML cannot say (lone
// surrogates, control characters) becomes U+FFFD.
inline constexpr std::string_view kEventsHead =
    "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<Events>\n";
inline constexpr std::string_view kEventsFoot = "</Events>\n";
// One <Event>, in one line with its line feed.
std::string to_xml(const EventRecord& record);

}  // namespace slwmi::licensing
