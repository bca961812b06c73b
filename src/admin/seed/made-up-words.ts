/** The words of made-up data: long enough lists that a search finds few, short enough to read. */

const words = (text: string): string[] => text.trim().split(/\s*\|\s*/)

export const FIRST_NAMES = words(`
  Ada | Amara | Anton | Asha | Aylin | Bela | Bruno | Carmen | Chidi | Clara | Dara | Dmitri | Elena | Emeka |
  Esra | Farid | Fatou | Femi | Gita | Greta | Hana | Hugo | Ines | Ivan | Jana | Jonas | Kaito | Karin | Keiko |
  Lars | Leila | Lena | Luca | Malik | Mara | Marta | Mei | Milan | Mina | Nadia | Nils | Noor | Olga | Omar |
  Paola | Pavel | Petra | Priya | Rafael | Rosa | Ruth | Sami | Sara | Selma | Sofia | Tariq | Tomas | Uma | Vera |
  Viktor | Wanda | Yara | Yusuf | Zoe`)

export const LAST_NAMES = words(`
  Abara | Adler | Aziz | Bakker | Barros | Berg | Bianchi | Brandt | Castillo | Chen | Costa | Dahl | Demir |
  Diallo | Duarte | Eze | Farkas | Ferrari | Fischer | Garcia | Haddad | Hansen | Holm | Ito | Jansen | Kaya | Keller |
  Khan | Kimura | Klein | Kovacs | Kruger | Laurent | Lindgren | Lopez | Mensah | Meyer | Moreau | Nakamura | Novak |
  Okafor | Olsen | Ortega | Park | Patel | Pereira | Petrov | Rao | Reyes | Ricci | Rossi | Sato | Silva | Singh |
  Sorensen | Steiner | Suzuki | Tanaka | Toth | Vega | Virtanen | Weber | Wolf | Yilmaz`)

export const COMPANIES = words(`
  Alder | Amber | Anchor | Aspen | Atlas | Beacon | Birch | Bluebell | Bridge | Cedar | Cinder | Cobalt | Comet |
  Copper | Coral | Crane | Delta | Ember | Falcon | Fern | Flint | Foxglove | Granite | Grove | Harbor | Hazel |
  Heron | Horizon | Indigo | Ivory | Jasper | Juniper | Kestrel | Lantern | Larch | Linden | Lumen | Maple | Marble |
  Meadow | Meridian | Mosaic | Nimbus | Northwind | Oak | Onyx | Opal | Orchard | Osprey | Pebble | Pine | Prism |
  Quarry | Quartz | Raven | Ridge | River | Saffron | Sage | Slate | Sparrow | Summit | Thistle | Willow`)

export const TRADES = words(`
  Analytics | Bakery | Books | Builders | Catering | Cycles | Dental | Design | Energy | Farms | Foods | Freight |
  Furniture | Garden | Hotels | Insurance | Joinery | Labs | Legal | Logistics | Media | Mills | Motors | Optics |
  Paper | Pharma | Robotics | Sails | Security | Software | Solar | Textiles | Tools | Travel | Water | Works`)

export const VERBS = words(`
  Answer | Approve | Book | Call back | Check | Clean up | Close | Collect | Compare | Confirm | Draft | Fix |
  Follow up on | Invoice | Move | Negotiate | Order | Plan | Prepare | Present | Price | Renew | Replace | Review |
  Schedule | Send | Settle | Sign | Test | Translate | Update | Write`)

export const THINGS = words(`
  the annual contract | the late invoice | the trial account | the price list | the delivery dates | the onboarding |
  the support ticket | the quarterly report | the new catalogue | the site visit | the sample order | the refund |
  the service agreement | the training day | the data export | the security questionnaire | the renewal offer |
  the spare parts | the customs papers | the meeting notes | the press release | the warranty claim |
  the payment terms | the shipping labels | the product demo | the address list | the tender | the insurance papers |
  the maintenance plan | the feedback survey | the stock count | the credit note`)

export const NOTES = words(`
  They prefer to be called before noon. | Waiting for their purchasing department. | The numbers of last year are in
  the shared folder. | Ask for the signed copy, not the draft. | They compare us with two others. | Send everything in
  one message. | The old contact has left. | Two people have to agree. | Keep the discount of last time. | There is a
  second address for deliveries. | They want it in writing. | Not urgent, but promised.`)
