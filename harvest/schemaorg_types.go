package harvest

import (
	"strings"

	"umland/ent"
)

// schemaKind says what kind of offering a type of schema.org is; "" for types that are none.
func schemaKind(types []string) ent.OfferingKind {
	for _, t := range types {
		switch {
		case t == "TouristTrip", t == "Trip":
			return ent.KindTour
		case t == "Course", t == "CourseInstance":
			return ent.KindActivity
		case t == "EventReservation", t == "EventVenue" && len(types) > 1:
		case t == "Event", t == "EventSeries", t == "Festival", t == "Hackathon", strings.HasSuffix(t, "Event") && t != "PublicationEvent" && t != "BroadcastEvent" && t != "OnDemandEvent":
			return ent.KindEvent
		case strings.Contains(schemaServices, " "+t+" "):
			return ent.KindService
		case strings.Contains(schemaPlaces, " "+t+" "):
			return ent.KindFacility
		}
	}
	return ""
}

// The types below Service and Place of schema.org 29 that can be something to use or to go to.
const (
	schemaServices = " Service GovernmentService CableOrSatelliteService FinancialProduct FoodService Taxi TaxiService WebAPI FoodEstablishmentReservation "

	schemaPlaces = " Place Accommodation Apartment CampingPitch House Room Suite MeetingRoom HotelRoom " +
		"CivicStructure Airport Aquarium Beach BoatTerminal Bridge BusStation BusStop Campground Cemetery Crematorium EducationalOrganization " +
		"CollegeOrUniversity ElementarySchool HighSchool MiddleSchool Preschool School EventVenue FireStation GovernmentBuilding CityHall Courthouse " +
		"DefenceEstablishment Embassy LegislativeBuilding Hospital MovieTheater Museum MusicVenue Park ParkingFacility PerformingArtsTheater " +
		"PlaceOfWorship BuddhistTemple Church CatholicChurch HinduTemple Mosque Synagogue Playground PoliceStation PublicToilet RVPark StadiumOrArena " +
		"SubwayStation TaxiStand TrainStation Zoo " +
		"Landform BodyOfWater LakeBodyOfWater RiverBodyOfWater Pond Mountain Volcano LandmarksOrHistoricalBuildings Residence TouristAttraction TouristDestination " +
		"LocalBusiness AnimalShelter ArchiveOrganization AutomotiveBusiness AutoRepair AutoRental GasStation ChildCare Dentist DryCleaningOrLaundry " +
		"EmergencyService EmploymentAgency EntertainmentBusiness AdultEntertainment AmusementPark ArtGallery Casino ComedyClub NightClub FinancialService " +
		"AccountingService AutomatedTeller BankOrCreditUnion InsuranceAgency FoodEstablishment Bakery BarOrPub Brewery CafeOrCoffeeShop Distillery " +
		"FastFoodRestaurant IceCreamShop Restaurant Winery GovernmentOffice PostOffice HealthAndBeautyBusiness BeautySalon DaySpa HairSalon HealthClub " +
		"NailSalon HomeAndConstructionBusiness Electrician GeneralContractor Plumber InternetCafe LegalService Notary Library LodgingBusiness " +
		"BedAndBreakfast Hostel Hotel Motel Resort SkiResort VacationRental MedicalBusiness MedicalClinic Optician Pharmacy Physician Midwifery Nursing " +
		"Physiotherapy ProfessionalService RadioStation RealEstateAgent RecyclingCenter SelfStorage ShoppingCenter SportsActivityLocation BowlingAlley " +
		"ExerciseGym GolfCourse PublicSwimmingPool SportsClub TennisComplex Store BikeStore BookStore ClothingStore ComputerStore ConvenienceStore " +
		"DepartmentStore ElectronicsStore Florist FurnitureStore GardenStore GroceryStore HardwareStore HobbyShop HomeGoodsStore JewelryStore LiquorStore " +
		"MensClothingStore MobilePhoneStore MovieRentalStore MusicStore OfficeEquipmentStore OutletStore PawnShop PetStore ShoeStore SportingGoodsStore " +
		"TireShop ToyStore WholesaleStore TelevisionStation TouristInformationCenter TravelAgency VeterinaryCare Farm FarmersMarket "
)
